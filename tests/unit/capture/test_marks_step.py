"""Are marks kept as they are made, on every image of a study, whatever happens meanwhile?"""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from capture.request import SessionResult
from capture.scene import ImageShown, Scene
from capture.soundness import problems_of
from gazekit.image import write_display_png
from gazekit.model.layout import SessionLayout
from gazekit.model.recovery import recover_session
from gazekit.model.session import read_findings, readings_of
from gazekit.synthetic import make_phantom

Hand = Callable[[Scene, int], list[Any]]
Play = Callable[..., tuple[SessionResult, Any]]
ASKED = "[dictation]\nmarks = true\n"
AT = {"key": "left", "x_px": 500.0, "y_px": 300.0}
TO = {"key": "left", "x_px": 620.0, "y_px": 420.0}


class Marking:
    """A hand that goes on until the marks are asked, and then does one list of acts a frame."""

    def __init__(self, go_on: Hand, *steps: list[tuple[str, dict[str, Any]]]) -> None:
        self.go_on, self.steps = go_on, list(steps)
        self.shown: list[str] = []
        self.before: Callable[[int], None] = lambda _: None

    def __call__(self, scene: Scene, frame: int) -> list[Any]:
        if not (isinstance(scene, ImageShown) and "draw an ellipse" in scene.caption):
            return self.go_on(scene, frame)
        self.before(len(self.steps))
        self.shown.append(scene.viewport.image.image_id)
        return self.steps.pop(0) if self.steps else []


def drawn(label: int, certainty: str) -> list[tuple[str, dict[str, Any]]]:
    """Draw an ellipse, give it the label in the row of the panel, and rate it."""
    row = {"key": "left", "x_px": 1700.0, "y_px": 64.0 + 40 * label + 10}
    return [
        ("press", AT),
        ("pan", TO),
        ("unpress", TO),
        ("press", row),
        ("unpress", row),
        ("key", {"key": certainty}),
    ]


def key(name: str) -> list[tuple[str, dict[str, Any]]]:
    return [("key", {"key": name})]


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """List one study of two images."""
    lines = ["file,patient,study"]
    for seed, size in ((1, (128, 160)), (2, (200, 120))):
        write_display_png(tmp_path / f"{seed}.png", make_phantom(seed, size_px=size).display)
        lines.append(f"{seed}.png,P1,S1")
    (tmp_path / "list.csv").write_text("\n".join(lines), "utf-8")
    return tmp_path / "list.csv"


def test_each_image_of_a_study_is_marked(play: Play, go_on: Hand, study: Path) -> None:
    steps = [drawn(1, "4"), key("pagedown"), drawn(2, "5"), key("pageup"), key("return")]
    hand = Marking(go_on, *steps)
    result, _ = play(hand, protocol=ASKED, images=study)
    root = Path(result.session)
    assert problems_of(root) == []
    first, second = (f for f in read_findings(root) if f.origin == "human")
    assert first.image_id == readings_of(root)[0].image_id != second.image_id
    assert {second.image_id} == set(hand.shown) - {first.image_id}
    assert (first.certainty, second.certainty) == (4, 5)
    assert first.label != second.label
    assert (second.x1_px or 0) <= 200


def test_done_is_refused_while_a_mark_on_another_image_has_no_certainty(
    play: Play, go_on: Hand, study: Path
) -> None:
    unrated = drawn(1, "4")[:-1]
    hand = Marking(go_on, unrated, key("pagedown"), key("return"), key("3"), key("return"))
    result, _ = play(hand, protocol=ASKED, images=study)
    (finding,) = (f for f in read_findings(Path(result.session)) if f.origin == "human")
    assert finding.certainty == 3
    assert hand.shown[0] == hand.shown[3] != hand.shown[2]


def test_what_is_killed_while_a_mark_is_drawn_keeps_those_before(
    play: Play, go_on: Hand, study: Path, tmp_path: Path
) -> None:
    """The folder is copied as a kill would leave it; the hand holds the third mark meanwhile."""
    moved = [("press", {**TO, "x_px": 560.0, "y_px": 360.0}), ("unpress", TO)]
    begun = [("press", {**AT, "x_px": 900.0}), ("pan", {**TO, "x_px": 1000.0})]
    hand = Marking(go_on, drawn(1, "4"), moved, drawn(2, "5"), begun, key("escape"))
    cut = tmp_path / "cut"

    def copy(left: int) -> None:
        if left == 1 and not cut.exists():
            (root,) = (tmp_path / "out").glob("ses-*")
            shutil.copytree(root, cut)
            SessionLayout(cut).lock.unlink()
            with SessionLayout(cut).marks.open("ab") as file:
                file.write(b'{"reading_id": "cut in the mi')

    hand.before = copy
    result, _ = play(hand, protocol=ASKED, images=study)
    assert result.ending == "aborted"
    recover_session(cut)
    for root in (cut, Path(result.session)):
        assert problems_of(root) == []
        first, second = (f for f in read_findings(root) if f.origin == "human")
        assert (first.certainty, second.certainty) == (4, 5)
        assert (first.x0_px, first.x1_px) != (second.x0_px, second.x1_px)
