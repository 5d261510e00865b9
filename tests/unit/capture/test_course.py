"""Does the session go where the operator, the protocol and the gaze send it?"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from capture.course import TABLE
from capture.request import SessionResult
from capture.scene import ImageShown, Scene, Text
from capture.soundness import problems_of
from gazekit.image import write_display_png
from gazekit.model.commands import OperatorCommand, send_command
from gazekit.model.errors import UsageError
from gazekit.model.layout import SessionLayout
from gazekit.model.session import (
    read_calibrations,
    read_events,
    read_session_record,
    read_view_states,
    readings_of,
)
from gazekit.synthetic import make_phantom

Hand = Callable[[Scene, int], list[Any]]
Play = Callable[..., tuple[SessionResult, Any]]


def states_of(root: Path) -> list[object]:
    return [event.value["name"] for event in read_events(root) if event.kind == "state"]


def outcomes(root: Path) -> list[str]:
    return [reading.outcome for reading in readings_of(root)]


class Once:
    """A hand that does `acts` once, in the reading's frame 1 or on a page, and else goes on."""

    def __init__(self, go_on: Hand, *acts: tuple[str, dict[str, str]]) -> None:
        self.go_on, self.acts = go_on, list(acts)

    def __call__(self, scene: Scene, frame: int) -> list[Any]:
        if isinstance(scene, ImageShown) and frame == 1 and self.acts:
            acts, self.acts = self.acts, []
            return list(acts)
        return self.go_on(scene, frame)


def test_every_state_can_be_reached_and_leads_to_the_end() -> None:
    reached = {"consent"}
    while True:
        further = {name for state in reached for name in TABLE.get(state, (0, ()))[1]}  # type: ignore[call-overload]
        if further <= reached:
            break
        reached |= further
    assert reached == {*TABLE, "ended"}


def test_refusal_ends_cleanly(play: Play, go_on: Hand) -> None:
    def refuse(scene: Scene, frame: int) -> list[Any]:
        if isinstance(scene, Text) and scene.foot.endswith("n: I do not agree"):
            return [("key", {"key": "n"})] if frame == 1 else []
        return go_on(scene, frame)

    result, calibrator = play(refuse)
    root = Path(result.session)
    assert result.ending == "refused"
    assert problems_of(root) == []
    assert "consent_refused" in [event.kind for event in read_events(root)]
    assert calibrator.calls == []
    assert readings_of(root) == []


def test_a_reading_is_redone_and_flagged_by_hidden_keys(play: Play, go_on: Hand) -> None:
    hand = Once(go_on, ("key", {"key": "f9"}), ("key", {"key": "f7"}))
    root = Path(play(hand)[0].session)
    assert problems_of(root) == []
    assert outcomes(root) == ["redone", "complete", "complete"]
    first, again, _ = readings_of(root)
    assert first.image_id == again.image_id
    events = read_events(root)
    (flag,) = [event for event in events if event.kind == "flag"]
    assert flag.value["reading_id"] == first.reading_id
    (note,) = [event for event in events if event.kind == "note"]
    assert note.value["note"] == "tired"


def test_the_monitor_asks_for_calibration_and_to_redo_what_is_finished(
    play: Play, go_on: Hand, tmp_path: Path
) -> None:
    sent: list[str] = []
    heard: list[int] = []

    def hand(scene: Scene, frame: int) -> list[Any]:
        if isinstance(scene, Text) and scene.title == "Break" and not sent:
            (root,) = (tmp_path / "out").glob("ses-*")
            for name in ("recalibrate", "redo"):
                send_command(root, OperatorCommand(command=name, note="moved"))
                sent.append(name)
        if isinstance(scene, Text) and scene.title == "Break" and not heard:
            (root,) = (tmp_path / "out").glob("ses-*")
            if len([e for e in read_events(root) if e.kind == "operator_command"]) < len(sent):
                return []  # the session looks for commands every quarter of a second
            heard.append(frame)
            return [("key", {"key": "space"})]
        return go_on(scene, frame)

    protocol = "[session]\nbreak_every_readings = 1\n[calibration]\nafter_break = false\n"
    root = Path(play(hand, protocol=protocol)[0].session)
    assert problems_of(root) == []
    assert outcomes(root)[0] == "redone"
    assert outcomes(root).count("complete") == 2
    states = states_of(root)
    assert states.count("calibrate") == 2
    commands = [e.value for e in read_events(root) if e.kind == "operator_command"]
    assert [(c["command"], c["origin"]) for c in commands] == [
        ("recalibrate", "monitor"),
        ("redo", "monitor"),
    ]


def test_practice_does_not_count_and_calibration_is_forced(play: Play) -> None:
    protocol = "[session]\npractice = 1\n[calibration]\nevery_readings = 1\n"
    result, _ = play(protocol=protocol)
    root = Path(result.session)
    assert outcomes(root) == ["practice", "complete", "complete"]
    assert result.readings == 2
    forced = [event for event in read_events(root) if event.kind == "recalibration_forced"]
    assert [event.value["why"] for event in forced] == ["1 readings since the last"]
    assert states_of(root).count("calibrate") == 2


def test_gaze_that_is_lost_is_told_and_the_reading_offered_again(play: Play, go_on: Hand) -> None:
    asked: list[str] = []

    def hand(scene: Scene, frame: int) -> list[Any]:
        if isinstance(scene, Text) and scene.title.startswith("The gaze of this reading"):
            if frame == 1:
                asked.append(scene.lines[0])
                return [("key", {"key": "r" if len(asked) == 1 else "space"})]
            return []
        return go_on(scene, frame)

    root = Path(play(hand, protocol="[quality]\nmax_data_loss = 0.0\nmax_gap_ms = 0\n")[0].session)
    assert outcomes(root) == ["redone", "complete", "complete"]
    assert problems_of(root) == []
    assert len(asked) == 3


def test_drift_beyond_the_limit_calls_for_calibration(play: Play, go_on: Hand) -> None:
    def hand(scene: Scene, frame: int) -> list[Any]:
        if isinstance(scene, Text) and scene.title == "The drift check fails":
            return [("key", {"key": "g"})] if frame == 1 else []
        return go_on(scene, frame)

    root = Path(play(hand, protocol="[calibration]\ndrift_check_deg = 0.0\n")[0].session)
    checks = [r for r in read_calibrations(root) if r.kind == "drift_check"]
    assert not any(record.accepted for record in checks)
    assert states_of(root)[4:9] == ["next", "drift", "calibrate", "next", "drift"]
    assert "drift_accepted" in [event.kind for event in read_events(root)]


def test_a_stopped_session_is_resumed_where_it_ended(play: Play, go_on: Hand) -> None:
    readings, captions = 0, set()

    def hand(scene: Scene, frame: int) -> list[Any]:
        nonlocal readings
        if isinstance(scene, ImageShown) and frame == 1:
            readings += 1
            captions.add(scene.caption.split("  ")[0])
            if readings == 2:
                return [("key", {"key": "ctrl+alt+e"})]
        return go_on(scene, frame)

    first, _ = play(hand)
    root = Path(first.session)
    assert first.ending == "aborted"
    assert "emergency_stop" in [event.kind for event in read_events(root)]
    assert outcomes(root) == ["complete", "aborted"]
    again = Path(play(hand, resume="latest")[0].session)
    assert captions == {"1 of 2", "2 of 2"}
    assert problems_of(again) == []
    assert outcomes(again) == ["complete"]
    assert readings_of(again)[0].image_id == readings_of(root)[1].image_id
    assert read_session_record(again).continues == read_session_record(root).session_id
    with pytest.raises(UsageError, match="nothing is left"):
        play(resume="latest")


def test_a_crashed_session_is_mended_and_what_was_cut_left_out_if_so_planned(
    play: Play, go_on: Hand
) -> None:
    def hand(scene: Scene, frame: int) -> list[Any]:
        if isinstance(scene, ImageShown) and frame == 1:
            return [("key", {"key": "escape"})]
        return go_on(scene, frame)

    protocol = '[session]\ninterrupted = "exclude"\n'
    root = Path(play(hand, protocol=protocol)[0].session)
    layout = SessionLayout(root)
    layout.checksums.unlink()  # as a crash leaves it: open, without checksums
    layout.session.write_bytes(
        layout.session.read_bytes()
        .replace(b'"closed":true', b'"closed":false')
        .replace(b'"closed": true', b'"closed": false')
    )
    again = Path(play(protocol=protocol, resume=root.name)[0].session)
    assert read_session_record(root).recovered
    assert [r.image_id for r in readings_of(again)] != [r.image_id for r in readings_of(root)]
    assert outcomes(again) == ["complete"]


def test_a_study_of_two_images_is_paged_through(play: Play, go_on: Hand, tmp_path: Path) -> None:
    folder = tmp_path / "images"
    folder.mkdir()
    for seed, name in enumerate(("front", "side")):
        phantom = make_phantom(seed, size_px=(64, 80))
        write_display_png(folder / f"{name}.png", phantom.display)
    lines = "file,patient,study\nfront.png,p1,s1\nside.png,p1,s1\n"
    (folder / "list.csv").write_text(lines, "utf-8")
    hand = Once(
        go_on,
        ("key", {"key": "f"}),
        ("key", {"key": "i"}),
        ("key", {"key": "pagedown"}),
        ("key", {"key": "1"}),
    )
    root = Path(play(hand, images=folder / "list.csv")[0].session)
    assert problems_of(root) == []
    (reading,) = readings_of(root)
    shown = [state for state in read_view_states(root) if state.image_id is not None]
    assert {state.reading_id for state in shown} == {reading.reading_id}
    ids = [state.image_id for state in shown]
    assert ids[0] == reading.image_id
    assert len(set(ids)) == 2
    side = [state for state in shown if state.image_id != reading.image_id]
    assert not side[0].inverted
