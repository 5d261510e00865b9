"""Do the words and the orders of the tasks say what they should, the same everywhere?"""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gazekit.model.errors import UsageError
from gazekit.model.templates import (
    PHRASES,
    TASKS,
    box_text,
    order_text,
    phrase,
    point_text,
    restored,
    shuffled,
)

IDS = st.text(min_size=1, max_size=20)


@given(count=st.integers(3, 30), sample_id=IDS, seed=st.integers(0, 9))
def test_the_answer_puts_the_shown_items_into_their_true_order(
    count: int, sample_id: str, seed: int
) -> None:
    shown = shuffled(count, sample_id, seed=seed)
    assert sorted(shown) == list(range(count))
    assert list(shown) != list(range(count))
    assert [shown[place] for place in restored(shown)] == list(range(count))
    assert shuffled(count, sample_id, seed=seed) == shown


def test_a_known_order() -> None:
    # Shown: the third, the first, the second. First in truth is what stands at place 2.
    assert restored((2, 0, 1)) == (1, 2, 0)
    assert order_text(restored((2, 0, 1))) == "2, 3, 1"
    assert order_text((9, 0, 10)) == "10, 1, 11"


def test_every_order_but_the_true_one_is_shown_about_equally_often() -> None:
    seen = [shuffled(3, f"sample-{i}", seed=0) for i in range(1000)]
    for order in list(permutations(range(3)))[1:]:
        assert 150 < seen.count(order) < 250  # 200 are expected


def test_two_items_have_no_order_worth_asking() -> None:
    with pytest.raises(UsageError, match="too few items"):
        shuffled(2, "a", seed=0)


@pytest.mark.parametrize("task", TASKS)
def test_each_phrasing_is_used_and_depends_on_seed_and_sample_alone(task: str) -> None:
    made = [phrase(task, f"s{i}", seed=0, text="A.", label="edema") for i in range(100)]  # type: ignore[arg-type]
    assert len(set(made)) == len(PHRASES[task])  # type: ignore[index]
    assert not any("{" in words for words in made)
    again = [phrase(task, f"s{i}", seed=0, text="A.", label="edema") for i in range(100)]  # type: ignore[arg-type]
    assert again == made
    other = [phrase(task, f"s{i}", seed=1, text="A.", label="edema") for i in range(100)]  # type: ignore[arg-type]
    assert other != made


def test_these_words_are_the_same_on_every_machine() -> None:
    assert phrase("report", "ses-a-000/report", seed=0) == PHRASES["report"][0]
    assert shuffled(5, "ses-a-000/order_global", seed=0) == (0, 4, 3, 1, 2)


def test_coordinates_are_shares_of_a_thousand_or_pixels_of_the_picture() -> None:
    size = {"image_px": (2000, 2500), "picture_px": (400, 500)}
    box = (200.0, 250.0, 1000.0, 2500.0)
    assert box_text(box, **size, coordinates="norm1000") == "[100, 100, 500, 1000]"
    assert box_text(box, **size, coordinates="pixels") == "[40, 50, 200, 500]"
    assert point_text((2100.0, -3.0), **size, coordinates="norm1000") == "[1000, 0]"
