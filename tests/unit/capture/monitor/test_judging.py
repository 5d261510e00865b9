"""Is the operator told, in words, what is wrong, and nothing where all is well?"""

import dataclasses
import shutil
from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np
import pytest

from capture.monitor.figures import figures_of
from capture.monitor.find import find_session, open_session
from capture.monitor.judging import notices_of, tone_of
from capture.monitor.recent import Gaze
from capture.monitor.sound import Level
from capture.monitor.watch import LogLine, SessionWatch, Snapshot
from capture.request import SessionResult
from gazekit.model.errors import DataError, UsageError
from gazekit.model.layout import SessionLayout
from gazekit.model.records import CalibrationRecord

Changed = Callable[..., Snapshot]


def gaze(*, left: bool = True, right: bool = True, z_mm: float = 650.0) -> Gaze:
    """Give a second of gaze at 300 Hz."""
    times = np.arange(300, dtype=np.int64) * 3_333
    seen = np.where(np.array([[left], [right]]), 0.5, np.nan) * np.ones((2, 300))
    origin = np.stack([np.zeros((2, 300)), np.zeros((2, 300)), np.full((2, 300), z_mm)])
    return Gaze(times, seen, seen, origin)


@pytest.fixture
def changed(short: SessionResult, tmp_path: Path) -> Changed:
    """Return a function that gives the state of a session that runs well, but for its fields."""
    root = tmp_path / "ses-x"
    shutil.copytree(short.session, root)
    snapshot = SessionWatch(root).look()
    record = msgspec.structs.replace(snapshot.record, closed=False)
    well = dataclasses.replace(
        snapshot,
        record=record,
        gaze=gaze(),
        sample_age_s=0.1,
        running=True,
        disk_free=50_000_000_000,
        level=None,
        calibrations=(),
        log=(),
    )

    def change(**fields: object) -> Snapshot:
        return dataclasses.replace(well, **fields)  # type: ignore[arg-type]

    return change


def test_nothing_is_to_be_done_where_all_is_well(changed: Changed) -> None:
    (notice,) = notices_of(changed())
    assert notice.tone == "good"
    assert {figure.name for figure in figures_of(changed())} >= {"Rate", "Left eye", "Disk"}
    assert "bad" not in {figure.tone for figure in figures_of(changed())}


@pytest.mark.parametrize(
    ("fields", "tone", "words"),
    [
        ({"sample_age_s": 2.0}, "warn", "is the tracker plugged in"),
        ({"sample_age_s": 9.0}, "bad", "No gaze sample for 9 s"),
        ({"sample_age_s": None}, "warn", "No gaze sample has come yet"),
        ({"gaze": gaze(left=False)}, "warn", "The left eye is not seen"),
        ({"gaze": gaze(left=False, right=False)}, "bad", "Neither eye is seen"),
        ({"gaze": gaze(z_mm=800.0)}, "warn", "15 cm too far from"),
        ({"gaze": gaze(z_mm=500.0)}, "warn", "15 cm too close to"),
        ({"running": False}, "bad", "capture recover"),
        ({"disk_free": 500_000_000}, "bad", "0.5 GB left"),
        ({"level": Level(-10.0, 0.0, clipped=True, size=1)}, "warn", "too loud"),
        ({"faults": ("events.jsonl: damaged",)}, "warn", "damaged"),
        ({"now_us": 5, "log": (LogLine("error", "disk full", 4),)}, "bad", "disk full"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_wrong_is_said(
    changed: Changed, fields: dict[str, object], tone: str, words: str
) -> None:
    first = notices_of(changed(**fields))[0]
    assert first.tone == tone
    assert words in first.words


def test_what_the_session_said_long_ago_is_not_said_again(changed: Changed) -> None:
    old = changed(now_us=100_000_000, log=(LogLine("error", "disk full", 4),))
    assert notices_of(old)[0].tone == "good"


def test_drift_and_a_refused_validation_ask_for_calibration(changed: Changed) -> None:
    records = tuple(
        CalibrationRecord(
            time_us=0, kind=kind, attempt=1, accepted=False, accuracy_deg=2.0, reason="too far"
        )
        for kind in ("validation", "drift_check")
    )
    snapshot = changed(calibrations=records)
    words = " ".join(notice.words for notice in notices_of(snapshot))
    assert "recalibrate" in words
    assert "refused: too far" in words
    named = {figure.name: figure for figure in figures_of(snapshot)}
    assert named["Drift check"].word == "recalibrate"
    assert named["Validation"].tone == "bad"


def test_a_figure_is_judged_from_either_side() -> None:
    assert [tone_of(v, warn=0.7, bad=0.3) for v in (0.8, 0.5, 0.1)] == ["good", "warn", "bad"]
    assert [tone_of(v, warn=1.0, bad=4.0) for v in (0.5, 2.0, 9.0)] == ["good", "warn", "bad"]
    assert tone_of(None, warn=1.0, bad=2.0) == "quiet"


def test_the_open_session_is_found(short: SessionResult, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such folder"):
        find_session(tmp_path / "none")
    shutil.copytree(short.session, tmp_path / "ses-closed")
    with pytest.raises(DataError, match="no session is being recorded"):
        find_session(tmp_path)
    assert find_session(tmp_path / "ses-closed") == tmp_path / "ses-closed"
    shutil.copytree(short.session, tmp_path / "ses-open")
    path = SessionLayout(tmp_path / "ses-open").session
    path.write_text(path.read_text("utf-8").replace('"closed": true', '"closed": false'), "utf-8")
    (tmp_path / "ses-bad").mkdir()
    assert open_session(tmp_path) == tmp_path / "ses-open"


def test_a_session_whose_program_is_gone_is_told(short: SessionResult, tmp_path: Path) -> None:
    root = tmp_path / "ses-gone"
    shutil.copytree(short.session, root)
    path = SessionLayout(root).session
    path.write_text(path.read_text("utf-8").replace('"closed": true', '"closed": false'), "utf-8")
    snapshot = SessionWatch(root).look()
    assert not snapshot.running
    assert notices_of(snapshot)[0].tone == "bad"
