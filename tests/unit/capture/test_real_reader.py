"""How does a session with a real tracker and a reader at the keys go?

The tracker and the window are played (see ``conftest.py``); what they deliver is what real ones do.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from capture.request import SessionResult
from capture.scene import ImageShown, Scene
from capture.soundness import problems_of
from gazekit.model.errors import UnfitError
from gazekit.model.session import (
    read_calibrations,
    read_session_record,
    read_view_states,
    read_words,
    readings_of,
)

Played = tuple[SessionResult, Any]


def test_a_reader_at_the_keys(
    play: Callable[..., Played],
) -> None:
    result, calibrator = play()
    root = Path(result.session)
    assert problems_of(root) == []
    session = read_session_record(root)
    assert not session.simulated
    assert session.tracker.model == "Played"
    assert [reading.outcome for reading in readings_of(root)] == ["complete", "complete"]
    causes = [state.cause for state in read_view_states(root) if state.cause]
    assert causes == ["reading_start", "zoom", "pan", "reading_end"] * 2
    assert read_words(root) == []

    calls = calibrator.calls
    assert calls[0] == "start"
    assert calls[-2:] == ["compute", "stop"]
    assert calls[2] == calls[1].replace("collect", "discard")
    assert calls[3] == calls[1]
    records = read_calibrations(root)
    assert [record.kind for record in records[:2]] == ["calibration", "validation"]
    assert (records[0].accepted, records[-1].accepted) == (True, True)


def test_escape_closes_the_session_with_the_reading_aborted(
    play: Callable[..., Played], go_on: Callable[[Scene, int], list[Any]]
) -> None:
    def leave(scene: Scene, frame: int) -> list[Any]:
        if isinstance(scene, ImageShown) and frame == 2:
            return [("key", {"key": "escape"})]
        return go_on(scene, frame)

    result, _ = play(leave)
    root = Path(result.session)
    assert result.ending == "aborted"
    assert problems_of(root) == []
    assert [reading.outcome for reading in readings_of(root)] == ["aborted"]


def test_a_bad_calibration_ends_the_session_and_keeps_every_attempt(
    play: Callable[..., Played],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setattr("capture.eyes._LATENCY_US", 5_000_000)
    with pytest.raises(UnfitError, match="not good enough in 3 attempts"):
        play()
    (root,) = tmp_path.glob("out/ses-*")
    assert problems_of(root) == []
    validations = [r for r in read_calibrations(root) if r.kind == "validation"]
    assert [record.accepted for record in validations] == [False, False, False]
    assert [record.attempt for record in validations] == [1, 2, 3]
    assert readings_of(root) == []
