"""Is the order of the studies drawn from the seed, and balanced between readers?"""

import itertools
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capture.images import images_of, studies_of
from capture.ordering import latin_row, number_of, ordered
from gazekit.image import write_display_png
from gazekit.model.errors import UsageError
from gazekit.model.protocol import ImagePlan
from gazekit.synthetic import make_phantom

ITEMS = list("abcdefgh")


def orders(order: str, *, numbers: int = 8, seed: int = 3) -> list[list[str]]:
    plan = ImagePlan(synthetic=8, order=order)  # type: ignore[arg-type]
    return [ordered(ITEMS, plan, seed=seed, number=number) for number in range(numbers)]


@given(st.integers(1, 9))
def test_a_latin_square_is_balanced_for_place_and_for_what_comes_before(size: int) -> None:
    rows = [latin_row(size, row) for row in range(2 * size)]
    assert all(sorted(row) == list(range(size)) for row in rows)
    places = Counter((place, item) for row in rows for place, item in enumerate(row))
    assert len(set(places.values())) == 1
    pairs = Counter(pair for row in rows for pair in itertools.pairwise(row))
    assert len(pairs) == size * (size - 1)
    assert len(set(pairs.values())) <= 1


def test_every_order_is_the_same_twice_and_of_all_studies() -> None:
    for order in ("given", "random", "by_reader", "latin_square", "blocks"):
        assert orders(order) == orders(order)
        assert all(sorted(row) == ITEMS for row in orders(order))


def test_who_gets_another_order() -> None:
    assert orders("given") == [ITEMS] * 8
    assert len({tuple(row) for row in orders("random")}) == 1
    assert orders("random") != orders("random", seed=4)
    assert len({tuple(row) for row in orders("by_reader")}) > 6
    first = Counter(row[0] for row in orders("latin_square"))
    assert set(first.values()) == {1}


def test_blocks_change_places_and_stay_together() -> None:
    halves = [{*row[:4]} for row in orders("blocks")]
    assert halves[0] == halves[2] != halves[1] == halves[3]


def test_the_reader_code_gives_the_row() -> None:
    assert number_of("R012", None) == 12
    assert number_of("R012", 3) == 3
    with pytest.raises(UsageError, match="no number"):
        number_of("Rx", None)


def test_images_of_one_study_are_one_reading_in_the_order_of_the_list(tmp_path: Path) -> None:
    lines = ["file,patient,study"]
    for name, study in (("a", "s1"), ("b", "s2"), ("c", "s1"), ("d", "")):
        phantom = make_phantom(ord(name), size_px=(32, 40))
        write_display_png(tmp_path / f"{name}.png", phantom.display)
        lines.append(f"{name}.png,p-{study or name},{study}")
    path = tmp_path / "list.csv"
    path.write_text("\n".join(lines), "utf-8")

    def sizes(**more: object) -> list[int]:
        plan = ImagePlan(list=path.name, **more)  # type: ignore[arg-type]
        return [len(study) for study in studies_of(images_of(plan, tmp_path, seed=1), plan)]

    assert sizes(order="given") == [2, 1, 1]
    assert sorted(sizes(order="random")) == [1, 1, 2]
    assert sizes(order="given", together="image") == [1, 1, 1, 1]
    plan = ImagePlan(list=path.name, order="given")
    assert len(images_of(plan, tmp_path, seed=1, limit=1)) == 2
