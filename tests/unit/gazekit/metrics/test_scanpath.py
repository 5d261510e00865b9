"""Do the scanpath metrics give the values that a hand computes?"""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gazekit.metrics import Scanpath, Simplify, dtw, edit_distance, multimatch, scanmatch, stde
from gazekit.metrics.sequences import levenshtein
from gazekit.model.errors import DataError

SIZE = (300.0, 400.0)  # diagonal 500
RIGHT = Scanpath.of([0, 100, 100], [0, 0, 100], [200_000, 100_000, 300_000])
TURNED = Scanpath.of([0, 0, 100], [0, 100, 100], [100_000, 100_000, 300_000])
NONE = Scanpath.of([], [])


@st.composite
def _paths(draw: st.DrawFn) -> Scanpath:
    count = draw(st.integers(3, 8))
    place = st.integers(0, 299)
    x, y = (draw(st.lists(place, min_size=count, max_size=count)) for _ in "xy")
    times = draw(st.lists(st.integers(50, 900), min_size=count, max_size=count))
    return Scanpath.of(x, y, np.array(times) * 1000)


def test_multimatch_of_two_saccades_by_hand() -> None:
    # Vectors (100, 0), (0, 100) against (0, 100), (100, 0): each diagonal pair differs by
    # sqrt(2) * 100 and a right angle; the way over (0, 1), where both are (0, ...) costs 282.8
    # as well, so that the diagonal is taken.
    found = multimatch(RIGHT, TURNED, size_px=SIZE)
    assert found is not None
    assert found.shape == pytest.approx(1 - np.sqrt(2) * 100 / 1000)
    assert found.direction == pytest.approx(0.5)
    assert found.length == pytest.approx(1.0)
    assert found.position == pytest.approx(1 - (0 + np.sqrt(2) * 100) / 2 / 500)
    assert found.duration == pytest.approx(1 - (0.5 + 0.0) / 2)


@given(path=_paths())
def test_a_path_is_like_itself(path: Scanpath) -> None:
    found = multimatch(path, path, size_px=SIZE)
    assert found is not None
    assert (found.shape, found.length, found.position, found.duration) == (1, 1, 1, 1)
    assert found.direction == pytest.approx(1)
    assert dtw(path, path) == 0
    assert edit_distance(path, path, size_px=SIZE) == 0
    assert stde(path, path, size_px=SIZE) == 1
    assert scanmatch(path, path, size_px=SIZE) == pytest.approx(1)


@given(first=_paths(), second=_paths())
def test_similarities_stay_in_their_range_and_are_symmetric(
    first: Scanpath, second: Scanpath
) -> None:
    here = multimatch(first, second, size_px=SIZE)
    assert here is not None
    assert all(0 <= value <= 1 for value in vars(here).values())
    assert dtw(first, second) == pytest.approx(dtw(second, first))
    score = scanmatch(first, second, size_px=SIZE)
    assert score == pytest.approx(scanmatch(second, first, size_px=SIZE))
    assert score is not None
    assert 0 <= score <= 1


def test_simplification_joins_short_and_collinear_saccades() -> None:
    straight = Scanpath.of([0, 50, 100, 100], [0, 0, 0, 100], [300_000, 90_000, 300_000, 300_000])
    bent = Scanpath.of([0, 100, 100], [0, 0, 100], [300_000, 300_000, 300_000])
    found = multimatch(
        straight, bent, size_px=SIZE, simplify=Simplify(10, direction_deg=45, duration_ms=100)
    )
    assert found == multimatch(bent, bent, size_px=SIZE)
    slow = Simplify(10, direction_deg=45, duration_ms=80)  # the fixation between lasts longer
    assert multimatch(straight, bent, size_px=SIZE, simplify=slow) != found


def test_a_short_last_saccade_joins_the_one_before() -> None:
    trailing = Scanpath.of([0, 100, 100, 103], [0, 0, 100, 100], [300_000] * 3 + [50_000])
    ended = Scanpath.of([0, 100, 103], [0, 0, 100], [300_000, 300_000, 50_000])
    rule = Simplify(10, direction_deg=1, duration_ms=100)
    assert multimatch(trailing, ended, size_px=SIZE, simplify=rule) == multimatch(
        ended, ended, size_px=SIZE
    )


def test_two_fixations_are_too_few_for_multimatch() -> None:
    assert multimatch(RIGHT, Scanpath.of([1, 2], [3, 4]), size_px=SIZE) is None


def test_dtw_by_hand() -> None:
    # (0,0) to (0,0): 0; (100,0) to (0,100): 141.4, or stay on (0,0): 100 each way.
    assert dtw(RIGHT, TURNED) == pytest.approx(np.sqrt(2) * 100)
    assert dtw(Scanpath.of([0, 3], [0, 0]), Scanpath.of([0, 0, 3], [0, 1, 0])) == pytest.approx(1)
    assert dtw(RIGHT, NONE) is None


@pytest.mark.parametrize(
    ("first", "second", "steps"),
    [("kitten", "sitting", 3), ("", "abc", 3), ("abc", "", 3), ("flaw", "lawn", 2), ("", "", 0)],
)
def test_levenshtein_of_known_words(first: str, second: str, steps: int) -> None:
    assert levenshtein([*first], [*second]) == steps


def test_edit_distance_on_a_grid_by_hand() -> None:
    # 2 x 2 cells of 150 x 200: RIGHT is 0 0 0, the other 0 1 3.
    other = Scanpath.of([10, 200, 200], [10, 10, 300])
    assert edit_distance(RIGHT, other, size_px=SIZE, grid=(2, 2)) == 2
    assert edit_distance(RIGHT, NONE, size_px=SIZE) == 3


def test_stde_by_hand() -> None:
    one, two = Scanpath.of([0, 30], [0, 40]), Scanpath.of([0, 0], [0, 0])
    # Windows of 1: distances 0 and 50, mean 25; of 2: mean of 0 and 50 is 25. Diagonal 500.
    assert stde(one, two, size_px=SIZE) == pytest.approx(1 - 25 / 500)
    # The other way round every run finds one that is nearer.
    assert stde(two, one, size_px=SIZE) == pytest.approx(1 - (0 + 25) / 2 / 500)
    assert stde(one, two, size_px=SIZE, longest=1) == pytest.approx(1 - 25 / 500)
    assert stde(one, NONE, size_px=SIZE) is None


def test_scanmatch_by_hand() -> None:
    # One letter each, one cell apart on a 4 x 3 grid of 100 px: (3.5 - 1) / 3.5.
    left, right = Scanpath.of([50], [50], [50_000]), Scanpath.of([150], [50], [50_000])
    assert scanmatch(left, right, size_px=SIZE, grid=(4, 3)) == pytest.approx(2.5 / 3.5)
    # Two bins against one: the second stays alone, at no gain, and divides.
    long = Scanpath.of([50], [50], [100_000])
    assert scanmatch(left, long, size_px=SIZE, grid=(4, 3)) == pytest.approx(0.5)
    assert scanmatch(left, long, size_px=SIZE, grid=(4, 3), bin_ms=None) == pytest.approx(1)
    # Farther than the threshold: leaving both alone is better than laying them together.
    far = Scanpath.of([250], [390], [50_000])
    assert scanmatch(left, far, size_px=SIZE, grid=(4, 3)) == 0
    assert scanmatch(left, NONE, size_px=SIZE) is None


def test_a_path_without_place_or_with_odd_lengths_is_refused() -> None:
    with pytest.raises(DataError, match="no place"):
        Scanpath.of([1, np.nan], [1, 2])
    with pytest.raises(DataError, match="differ in length"):
        Scanpath.of([1, 2], [1], [1, 2])
    with pytest.raises(DataError, match="less than nothing"):
        Scanpath.of([1], [1], [-1])


@pytest.mark.parametrize("seed", range(8))
def test_multimatch_agrees_with_the_reference_program(seed: int) -> None:
    reference = pytest.importorskip(
        "multimatch_gaze", reason="the reference program is not installed"
    )
    random = np.random.default_rng(seed)
    paths, records = [], []
    for count in random.integers(4, 25, 2):
        x, y = random.uniform(0, 300, count), random.uniform(0, 400, count)
        duration = random.integers(80, 600, count)
        paths.append(Scanpath.of(x, y, duration * 1000))
        kinds = [("start_x", "<f8"), ("start_y", "<f8"), ("duration", "<f8")]
        rows = list(zip(x, y, duration / 1000, strict=True))
        records.append(np.array(rows, dtype=kinds).view(np.recarray))
    expected = reference.docomparison(*records, screensize=list(SIZE))
    found = multimatch(*paths, size_px=SIZE)
    assert found is not None
    assert list(vars(found).values()) == pytest.approx(expected, abs=1e-12)
