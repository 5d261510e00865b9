"""Does a replay without a window run by itself, at any speed, and end with its recording?"""

from pathlib import Path

import pyarrow as pa
import pytest

from capture.request import SessionRequest, SessionResult
from capture.session import run_session
from capture.soundness import problems_of
from capture.trackers.sim_plan import SimPlan
from gazekit.model.session import (
    iter_samples,
    read_events,
    read_findings,
    read_session_record,
    read_words,
    readings_of,
)
from gazekit.read.sdk_lines import convert_recording

PROTOCOL = """
title = "Test"
version = "1"
consent = "consent-1"
ethics = "ethics-1"
[images]
synthetic = 2
synthetic_px = [128, 160]
[dictation]
transcript = true
marks = true
"""
PROLAB = Path(__file__).parents[2] / "data" / "formats" / "tobii_prolab" / "dot.tsv"


def replayed(protocol: Path, recording: Path, out: Path, *, speed: float) -> SessionResult:
    request = SessionRequest(
        protocol=protocol,
        reader_id="R03",
        out=out,
        tracker=f"replay:{recording}",
        headless=True,
        speed=speed,
        microphone="none",
    )
    return run_session(request, lambda _: None)


@pytest.fixture
def protocol(tmp_path: Path) -> Path:
    (tmp_path / "p.toml").write_text(PROTOCOL, "utf-8")
    return tmp_path / "p.toml"


def test_a_recorded_session_runs_to_its_end(protocol: Path, tmp_path: Path) -> None:
    recorded = SessionRequest(
        protocol=protocol,
        reader_id="R01",
        out=tmp_path / "first",
        tracker="simulated",
        headless=True,
        speed=40.0,
        limit=1,
        sim=SimPlan(disconnect_s=3.0, disconnect_for_s=1.0),
    )
    first = Path(run_session(recorded, lambda _: None).session)
    result = replayed(protocol, first, tmp_path / "second", speed=40.0)
    second = Path(result.session)
    assert result.ending == "complete"
    assert problems_of(second) == []
    assert read_session_record(second).tracker.kind == "replay"
    before, after = (
        pa.Table.from_batches(list(iter_samples(root))).column("device_time_us")
        for root in (first, second)
    )
    assert after == before
    told = [
        [e.value["kind"] for e in read_events(root) if e.kind == "tracker_notification"]
        for root in (first, second)
    ]
    assert [kind for kind in told[1] if kind not in {"silent", "heard"}] == [
        "connection_lost",
        "connection_restored",
        "recording_ended",
    ]
    assert "connection_lost" in told[0]
    # Nobody read it: nothing that a reader would have said or marked is made up.
    assert read_words(second) == []
    assert read_findings(second) == [f for f in read_findings(second) if f.shape != "ellipse"]
    assert [reading.outcome for reading in readings_of(second)] == ["complete"]


def test_an_export_of_pro_lab_is_replayed(protocol: Path, tmp_path: Path) -> None:
    lines = tmp_path / "gaze.jsonl"
    count = convert_recording(PROLAB, lines, screen_px=(1920, 1080))
    result = replayed(protocol, lines, tmp_path / "out", speed=4.0)
    assert (result.ending, result.samples) == ("complete", count)
    assert problems_of(Path(result.session)) == []
