"""Does what the reader types and marks after a reading come out as it was meant?"""

import dataclasses
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capture.editor import Draft, EditorPage, lay_out
from capture.form import Form
from capture.items import Box, Words
from capture.marking import Marking, MarkingPage, image_part
from capture.marks import Mark, MarkBoard, findings_of
from capture.request import SessionRequest, SessionResult
from capture.scene import Panel
from capture.session import run_session
from capture.soundness import problems_of
from capture.typed import TypedText
from capture.viewer import InputAct
from gazekit.model.protocol import ViewerPlan
from gazekit.model.records import ImageRecord
from gazekit.model.session import read_findings, readings_of
from gazekit.model.spoken import latest_reports
from gazekit.model.viewport import Viewport
from gazekit.model.vocabulary import FINDING_LABELS
from gazekit.read import open_session

AREA = (0.0, 0.0, 1920.0, 1052.0)
PAGE = EditorPage(Form(AREA), "Report", 15.6, ask_confidence=True)
IMAGE = ImageRecord(
    image_id="i",
    sha256="",
    width_px=1000,
    height_px=1200,
    window_low=0,
    window_high=1,
    window_source="",
    photometric="MONOCHROME2",
    bits_stored=16,
)
MARKS = MarkingPage(Form(AREA), FINDING_LABELS, ViewerPlan())
PROTOCOL = """
title = "Test"
version = "1"
seed = 4
[images]
synthetic = 2
synthetic_px = [256, 320]
[reading]
fixation_ms = 100
[dictation]
transcript = true
confidence = true
marks = true
"""


def key(name: str) -> InputAct:
    return InputAct(0, "key", key=name)


def text(letters: str) -> list[InputAct]:
    return [InputAct(0, "text", key=letter) for letter in letters]


def click(box: Box) -> InputAct:
    return InputAct(0, "press", "left", (box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2)


def typed(acts: Iterable[InputAct], draft: Draft | None = None) -> Draft:
    draft = draft or Draft(TypedText.of(""))
    for act in acts:
        draft = PAGE.after(draft, act)
    return draft


def test_a_report_is_typed_corrected_and_accepted() -> None:
    draft = typed([*text("Größe normal."), key("return"), *text("No effusoin")])
    draft = typed([key("left"), key("backspace"), key("left"), *text("i"), key("end")], draft)
    assert draft.typed.text == "Größe normal.\nNo effusion"
    refused = typed([key("ctrl+return")], draft)
    assert not refused.accepted
    assert "confidence" in refused.remark
    buttons = {button.name: button.box for button in PAGE.buttons(draft)}
    rated = typed([click(buttons["4"])], refused)
    done = typed([click(buttons["accept"])], rated)
    assert (done.accepted, done.confidence, done.typed.text) == (True, 4, draft.typed.text)
    assert typed([key("alt+2"), key("ctrl+enter")], draft).confidence == 2
    assert not typed([key("alt+2"), key("ctrl+return")]).accepted


def test_a_long_report_scrolls_to_the_cursor_and_is_pointed_into() -> None:
    draft = typed(text("No pleural effusion is seen on either side. " * 80))
    rows = [i for i in lay_out(PAGE, draft) if isinstance(i, Words) and i.fixed]
    assert len(rows) == PAGE.rows
    assert draft.first_row > 0
    up = typed([key("ctrl+home")], draft)
    assert (up.first_row, up.typed.cursor) == (0, 0)
    assert typed([InputAct(0, "zoom", dy=-1.0)], up).first_row == 3
    field = PAGE.field
    at = typed([InputAct(0, "press", "left", field.x0 + 16 + 15.6 * 3, field.y0 + 20)], up)
    assert at.typed.cursor == 3


@given(st.text(max_size=400), st.sampled_from([1080, 1440, 2160]))
def test_nothing_stands_outside_the_page(written: str, height_px: int) -> None:
    unit = height_px / 1080
    area = (0.0, 0.0, 1920 * unit, 1052 * unit)
    page = dataclasses.replace(PAGE, form=Form(area), letter_px=15.6 * unit, drafts=True)
    for item in lay_out(page, Draft(TypedText.of(written), remark="Type the report first.")):
        if isinstance(item, Box):
            assert area[0] <= item.x0 < item.x1 <= area[2]
            assert area[1] <= item.y0 < item.y1 <= area[3]
        elif isinstance(item, Words) and item.fixed:
            assert item.x + len(item.text) * page.letter_px <= page.field.x1
            assert page.field.y0 < item.y < page.field.y1


def hand(now: Marking, *acts: tuple[str, float, float]) -> Marking:
    """Do left-button acts at image points."""
    for kind, x, y in acts:
        x_px, y_px = (float(v) for v in now.viewport.affine.apply(x, y))
        now = MARKS.after(now, InputAct(0, kind, "left", x_px, y_px))  # type: ignore[arg-type]
    return now


def marked(now: Marking, name: str) -> Marking:
    box = next(b.box for b in MARKS.buttons(now) if b.name == name)
    return MARKS.after(now, click(box))


def test_an_ellipse_is_drawn_named_moved_resized_and_deleted() -> None:
    now = Marking(MarkBoard(1000, 1200), Viewport.fit(IMAGE, image_part(AREA)))
    drawn = hand(now, ("press", 500, 600), ("pan", 300, 500), ("unpress", 200, 400))
    (mark,) = drawn.board.marks
    assert (mark.x0, mark.y0, mark.x1, mark.y1) == pytest.approx((200, 400, 500, 600))
    assert drawn.viewport == now.viewport
    refused = MARKS.after(drawn, key("return"))
    assert not refused.done
    assert refused.remark
    named = MARKS.after(marked(drawn, "label Pleural Effusion"), key("4"))
    moved = hand(named, ("press", 350, 500), ("unpress", 250, 1190))
    assert moved.board.marks[0].y1 == pytest.approx(1200)
    assert moved.board.marks[0].x0 == pytest.approx(100)
    sized = hand(moved, ("press", 400, 1200), ("pan", 900, 900), ("unpress", 1100, 1100))
    (mark,) = sized.board.marks
    assert (mark.x1, mark.y1) == pytest.approx((1000, 1100))
    clicked = hand(sized, ("press", 50, 50), ("unpress", 51, 51))
    assert len(clicked.board.marks) == 1
    done = MARKS.after(sized, key("return"))
    assert done.done
    (finding,) = findings_of(done.board.marks, "r", "human")
    assert (finding.label, finding.certainty, finding.shape) == ("Pleural Effusion", 4, "ellipse")
    assert (finding.origin, finding.assertion) == ("human", "present")
    assert MARKS.after(sized, key("delete")).board.marks == ()


def test_other_buttons_move_the_image_under_the_marks() -> None:
    now = Marking(MarkBoard(1000, 1200), Viewport.fit(IMAGE, image_part(AREA)))
    panned = MARKS.after(now, InputAct(0, "pan", "middle", 500, 500, 30, 10))
    zoomed = MARKS.after(panned, InputAct(0, "zoom", x_px=500, y_px=500, dy=2))
    assert zoomed.viewport.zoom > panned.viewport.zoom
    assert panned.viewport != now.viewport
    drawn = hand(zoomed, ("press", 400, 500), ("unpress", 450, 560))
    assert drawn.board.marks[0].x1 == pytest.approx(450)


corner = st.tuples(st.floats(-200, 1200), st.floats(-200, 1400))


@given(st.lists(st.tuples(corner, corner), max_size=6))
def test_marks_stay_on_the_image(drags: list[tuple[tuple[float, float], ...]]) -> None:
    board = MarkBoard(1000, 1200)
    for (x0, y0), (x1, y1) in drags:
        board = board.press(x0, y0, reach=9).drag(x1, y1).release(least=6)
    for mark in board.marks:
        assert 0 <= mark.x0 < mark.x1 <= 1000
        assert 0 <= mark.y0 < mark.y1 <= 1200
    assert board.grip is None


def test_a_low_certainty_denies() -> None:
    (finding,) = findings_of((Mark(0, 0, 9, 9, "Edema", 2),), "r", "human")
    assert finding.assertion == "absent"


def test_a_simulated_reader_answers_and_the_dataset_takes_it(tmp_path: Path) -> None:
    (tmp_path / "p.toml").write_text(PROTOCOL, "utf-8")
    request = SessionRequest(
        protocol=tmp_path / "p.toml",
        reader_id="R01",
        out=tmp_path,
        tracker="simulated",
        headless=True,
        speed=40.0,
    )
    root = Path(run_session(request, lambda _: None).session)
    assert problems_of(root) == []
    reports, findings = latest_reports(root), read_findings(root)
    assert {reading.reading_id for reading in readings_of(root)} == reports.keys()
    assert all(r.origin == "simulated" and r.confidence in {3, 4, 5} for r in reports.values())
    assert findings
    assert {f.origin for f in findings} == {"simulated"}
    assert {f.shape for f in findings} == {"ellipse"}
    for reading in open_session(root):
        assert reading.report == reports[reading.reading.reading_id].text
        assert " ".join(word.text for word in reading.words) == reading.report


def test_words_of_a_report_that_is_cut_are_kept(
    play: Callable[..., tuple[SessionResult, object]], go_on: Callable[..., list[object]]
) -> None:
    def hand(scene: object, frame: int) -> list[object]:
        if not isinstance(scene, Panel):
            return go_on(scene, frame)
        typed = any(isinstance(i, Words) and i.fixed and i.text for i in scene.items)
        return [("key", {"key": "escape"})] if typed else [("text", {"key": "Heart normal."})]

    result, _ = play(hand, protocol="[dictation]\ntranscript = true\n")
    root = Path(result.session)
    assert result.ending == "aborted"
    assert [reading.outcome for reading in readings_of(root)] == ["complete"]
    (report,) = latest_reports(root).values()
    assert report.text == "Heart normal."
    assert problems_of(root) == []
