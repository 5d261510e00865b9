"""Are orders scored as counted by hand?"""

import pytest

from trainer.tasks.order import pairs_in_order, places_right


@pytest.mark.parametrize(
    ("said", "pairs", "places"),
    [
        ([2, 0, 1], 1.0, 1.0),
        ([1, 0, 2], 0.0, 1 / 3),
        ([2, 1, 0], 2 / 3, 1 / 3),
        ([2, 2, 0], 1 / 3, 1 / 3),  # 1 was never said: only (2, 0) stands right
        ([], 0.0, 0.0),
        ([9, 2, 0], 1 / 3, 0.0),
    ],
)
def test_by_hand(said: list[int], pairs: float, places: float) -> None:
    truth = [2, 0, 1]
    assert pairs_in_order(said, truth) == pytest.approx(pairs)
    assert places_right(said, truth) == pytest.approx(places)
