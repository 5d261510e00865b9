"""Do places survive being written as each family writes them, and being read back?"""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gazekit.model.errors import DataError
from trainer.conventions import CONVENTIONS, Convention, Seen, Spot, convention

NAMES = sorted(CONVENTIONS)
WIDE, TALL, SQUARE = (3056, 2544), (2022, 2022 * 3 // 2), (1000, 1000)
SIZES = st.one_of(
    st.sampled_from([WIDE, TALL, SQUARE]), st.tuples(st.integers(60, 4000), st.integers(60, 4000))
)
UNIT = st.floats(0, 1)
LABELS = st.sampled_from(
    ["", "pleural effusion", "Lung Lesion", 'a "quoted" thing', "knoten, links"]
)
SIDE = 448


@st.composite
def seen_images(draw: st.DrawFn) -> tuple[tuple[int, int], Seen]:
    """Draw an image and how it is shown: letterboxed, or stretched as a processor does."""
    size = draw(SIZES)
    if draw(st.booleans()):
        return size, Seen.letterboxed(size, draw(st.sampled_from([224, SIDE, 896])))
    sides = st.integers(4, 60).map(lambda n: 28 * n)
    return size, Seen.resized(size, (draw(sides), draw(sides)))


def _box(values: Sequence[float], size: tuple[int, int]) -> tuple[float, float, float, float]:
    (x0, x1), (y0, y1) = sorted(values[:2]), sorted(values[2:])
    return x0 * size[0], y0 * size[1], x1 * size[0], y1 * size[1]


def _spots(draw: st.DrawFn, size: tuple[int, int], kind: str) -> list[Spot]:
    spots = []
    for _ in range(draw(st.integers(1, 5))):
        x, y = draw(UNIT) * size[0], draw(UNIT) * size[1]
        box = _box([draw(UNIT) for _ in range(4)], size) if kind != "point" else None
        label = "" if kind == "point" else draw(LABELS)
        spots.append(Spot(box, (x, y) if kind != "box" else None, label))
    return spots


def _near(mine: Sequence[float], theirs: Sequence[float], step: tuple[float, float]) -> bool:
    """Say whether numbers are a step apart at most, along x and y in turn."""
    steps = np.resize(step, len(mine))
    return bool((np.abs(np.subtract(mine, theirs)) <= steps * (1 + 1e-9) + 1e-9).all())


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("kind", ["box", "point", "both"])
@settings(max_examples=40)
@given(data=st.data())
def test_places_come_back_within_a_step(name: str, kind: str, data: st.DataObject) -> None:
    size, seen = data.draw(seen_images())
    one = convention(name)
    spots = data.draw(st.composite(_spots)(size, kind))
    back = one.read(one.write(spots, seen), seen)
    step = one.step_px(seen)
    assert [spot.label for spot in back] == [spot.label for spot in spots]
    for mine, theirs in zip(back, spots, strict=True):
        assert (mine.box is None) == (theirs.box is None)
        assert (mine.point is None) == (theirs.point is None)
        assert _near(mine.box or (), theirs.box or (), step)
        assert _near(mine.point or (), theirs.point or (), step)


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=40)
@given(data=st.data())
def test_what_was_read_is_written_the_same(name: str, data: st.DataObject) -> None:
    size, seen = data.draw(seen_images())
    one = convention(name)
    text = one.write(data.draw(st.composite(_spots)(size, "both")), seen)
    assert one.write(one.read(text, seen), seen) == text


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=40)
@given(text=st.text(max_size=200), cut=st.integers(0, 80))
def test_junk_is_passed_over(name: str, text: str, cut: int) -> None:
    one, seen = convention(name), Seen.letterboxed(WIDE, SIDE)
    one.read(text, seen)
    told = one.write([Spot((10.0, 20.0, 300.0, 400.0), (50.0, 60.0), "x")] * 2, seen)
    for spot in one.read(text + told[:cut] + text + told[cut:], seen):
        assert spot.box or spot.point
        assert np.isfinite([*(spot.box or ()), *(spot.point or ())]).all()


BY_HAND = {
    "qwen2vl-norm1000": "<|object_ref_start|>nodule<|object_ref_end|><|box_start|>(250,500),"
    "(500,750)<|box_end|><|box_start|>(375,625)<|box_end|>",
    "qwen25vl-pixels": '[{"bbox_2d": [112, 224, 224, 336], "point_2d": [168, 280], '
    '"label": "nodule"}]',
    "qwen3vl-norm1000": '[{"bbox_2d": [250, 500, 500, 750], "point_2d": [375, 625], '
    '"label": "nodule"}]',
    "gemini-norm1000": '[{"box_2d": [500, 250, 750, 500], "point": [625, 375], "label": "nodule"}]',
    "paligemma-loc1024": "<loc0512><loc0256><loc0768><loc0512><loc0640><loc0384> nodule",
    "llava-unit": "nodule [0.25, 0.50, 0.50, 0.75] [0.38, 0.62]",
}


@pytest.mark.parametrize("name", NAMES)
def test_the_text_by_hand(name: str) -> None:
    seen = Seen.letterboxed((1000, 1000), SIDE)
    spot = Spot((250.0, 500.0, 500.0, 750.0), (375.0, 625.0), "nodule")
    assert convention(name).write([spot], seen) == BY_HAND[name]


@pytest.mark.parametrize("name", NAMES)
def test_a_letterboxed_image_is_written_about_the_square(name: str) -> None:
    """A portrait's left edge lies inside the square, its top edge at the square's."""
    one, seen = convention(name), Seen.letterboxed((500, 1000), SIDE)
    (told,) = one.syntax.read(one.write([Spot(point=(0.0, 0.0))], seen))
    x, y = told.point[::-1] if one.y_first else told.point
    assert float(y) == 0
    assert float(x) / float(one.steps or SIDE) == pytest.approx(0.25, abs=0.001)


ODD = [
    ("qwen2vl-norm1000", "The nodule is at (250,500),(500,750).", 1),
    ("qwen2vl-norm1000", "<|box_start|>(500,750),(250,500)<|box_end|> and so on (1,", 1),
    ("qwen25vl-pixels", '```json\n[\n\t{"bbox_2d": [1, 2, 30, 40], "label": "a"},\n\t{"bbo', 1),
    ("qwen3vl-norm1000", '{"bbox_2d": [1, 2, 30]} {"bbox_2d": [1, 2, 30, 40, 50]}', 0),
    ("qwen3vl-norm1000", "[[1, 2, 30, 40], [5, 6, 70, 80]]", 2),
    ("gemini-norm1000", '{"box_2d":[1,2,30,40],"label":"a"}{"point":[3,4]}', 2),
    ("paligemma-loc1024", "<loc0001><loc0002><loc0030> lung ; <loc0001>", 1),
    ("paligemma-loc1024", "no places here", 0),
    ("llava-unit", "It is [0.1, 0.2, 0.5, 0.6], or [0.3,0.4,0.5] maybe", 1),
]


@pytest.mark.parametrize(("name", "text", "count"), ODD)
def test_what_models_write_instead(name: str, text: str, count: int) -> None:
    spots = convention(name).read(text, Seen.letterboxed(SQUARE, SIDE))
    assert len(spots) == count
    for spot in spots:
        if spot.box:
            assert spot.box[0] <= spot.box[2]
            assert spot.box[1] <= spot.box[3]


def test_numbers_beyond_the_picture_are_taken_to_its_edge() -> None:
    seen = Seen.resized((100, 100), (56, 56))
    (spot,) = convention("qwen25vl-pixels").read('{"bbox_2d": [-5, 3, 99999, 28]}', seen)
    assert spot.box == pytest.approx((0, 3 / 0.56, 100, 50))


def test_a_trajectory_keeps_its_order() -> None:
    path = [Spot(point=(100.0 * i, 900.0 - 50 * i)) for i in range(1, 8)]
    for one in CONVENTIONS.values():
        seen = Seen.letterboxed(SQUARE, SIDE)
        back = one.read(one.write(path, seen), seen)
        xs = [spot.point[0] for spot in back if spot.point]
        assert len(xs) == len(path)
        assert xs == sorted(xs)


def test_an_unknown_name_is_refused_with_the_near_one() -> None:
    with pytest.raises(DataError, match="not known"):
        convention("qwen2vl-norm100")
    assert isinstance(convention("llava-unit"), Convention)
