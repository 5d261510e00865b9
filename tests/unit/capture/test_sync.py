"""Is the lateness of a station's sound recovered where it is known, and refused where it is not?"""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from capture.audio.microphone import SoundBlock
from capture.commands import main
from capture.request import SessionRequest
from capture.session import run_session
from capture.sync.measure import Click, heard_clicks, summarise
from capture.sync.run import SyncRequest, run_sync_test
from gazekit.model.errors import GazekitError
from gazekit.model.layout_station import StationLayout
from gazekit.model.session import read_events

RATE_HZ = 16_000
BLOCK = 1024


def blocks(onsets_us: list[int], *, seconds: float = 6.0) -> list[SoundBlock]:
    """Record a click at each onset, on a clock that starts at 0."""
    size = round(seconds * RATE_HZ) // BLOCK * BLOCK
    sound = np.random.default_rng(1).integers(-20, 20, size).astype(np.int16)
    for onset_us in onsets_us:
        first = round(onset_us / 1e6 * RATE_HZ)
        sound[first : first + 200] = 9000
    starts = range(0, size, BLOCK)
    return [
        SoundBlock(
            frames=sound[at : at + BLOCK, None],
            adc_time_s=100.0 + at / RATE_HZ,
            driver_time_s=100.0 + (at + BLOCK) / RATE_HZ,
            received_us=round((at + BLOCK) / RATE_HZ * 1e6),
            overflowed=False,
        )
        for at in starts
    ]


def played(*times_us: int) -> list[Click]:
    return [Click(flash_us=time_us - 30_000, played_us=time_us) for time_us in times_us]


def test_each_click_is_found_and_one_that_was_not_heard_is_none() -> None:
    given = played(1_000_000, 2_000_000, 3_000_000)
    found, _ = heard_clicks(given, blocks([1_012_000, 3_012_000]), RATE_HZ)
    assert found[1].heard_us is None
    late = [(c.heard_us or 0) - c.played_us for c in (found[0], found[2])]
    assert late == pytest.approx([12_000, 12_000], abs=200)


def test_too_few_clicks_give_no_offset() -> None:
    found, residual_us = heard_clicks(
        played(*range(500_000, 5_000_000, 500_000)), blocks([502_000]), RATE_HZ
    )
    with pytest.raises(GazekitError, match="too few clicks were heard"):
        summarise(
            found,
            created_at="",
            simulated=True,
            rate_hz=RATE_HZ,
            residual_us=residual_us,
            software={},
            truth_ms=None,
        )
    with pytest.raises(GazekitError, match="recorded nothing"):
        heard_clicks(found, [], RATE_HZ)


def test_the_simulated_lateness_is_recovered_and_kept_beside_the_sessions(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["sync-test", "--simulated", "--headless", "--speed", "10", "--clicks", "6", "--json"]
    with pytest.raises(SystemExit) as ended:
        main(args=[*words, "--out", str(tmp_path)])
    assert not ended.value.code
    result = json.loads(capsys.readouterr().out)
    assert json.loads(StationLayout(tmp_path).sync_test.read_text("utf-8")) == result
    assert result["simulated"]
    assert result["heard"] == 6
    assert result["offset_ms"] == pytest.approx(result["truth_ms"], abs=5.0)
    assert result["picture_ms"] > 0


def test_a_session_notes_the_last_sync_test(
    protocol_file: Callable[[float], Path], tmp_path: Path
) -> None:
    run_sync_test(SyncRequest(out=tmp_path, clicks=4, simulated=True, headless=True, speed=10.0))
    request = SessionRequest(
        protocol=protocol_file(1.0),
        reader_id="R01",
        out=tmp_path,
        tracker="simulated",
        headless=True,
        speed=40.0,
        limit=1,
    )
    result = run_session(request, lambda _: None)
    (event,) = (e for e in read_events(Path(result.session)) if e.kind == "sync_test")
    offset_ms = json.loads(StationLayout(tmp_path).sync_test.read_text("utf-8"))["offset_ms"]
    assert event.value["offset_ms"] == offset_ms


def test_a_real_station_is_not_run_without_a_window(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(args=["sync-test", "--headless"])
    assert ended.value.code == 2
    assert "--simulated" in capsys.readouterr().err
