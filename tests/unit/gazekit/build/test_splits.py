"""Is the division into splits stable, fair, and by patient?"""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gazekit.build.config import SplitConfig
from gazekit.build.splits import assign_splits, split_of
from gazekit.model.errors import DataError
from gazekit.model.records import ReadingRecord


def _reading(name: str, image: str, patient: str | None) -> ReadingRecord:
    return ReadingRecord(
        reading_id=name,
        reader_id="R01",
        image_id=image,
        onset_us=0,
        offset_us=1,
        outcome="complete",
        patient_id=patient,
    )


def test_shares_are_about_those_asked_for() -> None:
    counts = Counter(split_of(f"patient:{i}", SplitConfig()) for i in range(5000))
    assert counts["train"] / 5000 == pytest.approx(0.8, abs=0.02)
    assert counts["test"] / 5000 == pytest.approx(0.1, abs=0.02)


def test_new_patients_never_move_old_ones() -> None:
    old = [_reading(f"r{i}", f"i{i}", f"p{i}") for i in range(40)]
    new = [_reading(f"n{i}", f"j{i}", f"q{i}") for i in range(40)]
    before = assign_splits(old, SplitConfig())
    after = assign_splits(old + new, SplitConfig())
    assert before == {name: after[name] for name in before}


@given(st.integers(0, 10_000))
def test_all_images_and_readers_of_a_patient_stay_together(patient: int) -> None:
    readings = [_reading(f"r{i}", f"i{i}", f"p{patient}") for i in range(5)]
    assert len(set(assign_splits(readings, SplitConfig()).values())) == 1


def test_without_a_patient_the_image_decides() -> None:
    readings = [_reading(f"r{i}", f"i{i % 30}", None) for i in range(90)]
    splits = assign_splits(readings, SplitConfig())
    assert all(splits[f"r{i}"] == splits[f"r{i % 30}"] for i in range(90))
    assert len(set(splits.values())) > 1


def test_another_key_makes_another_division() -> None:
    names = [f"patient:{i}" for i in range(100)]
    one = [split_of(name, SplitConfig()) for name in names]
    two = [split_of(name, SplitConfig(key="other")) for name in names]
    assert one != two


def test_one_image_shown_as_two_patients_is_a_hard_error() -> None:
    readings = [_reading(f"r{i}", "i", f"p{i}") for i in range(60)]
    with pytest.raises(DataError, match="an image stands in two splits"):
        assign_splits(readings, SplitConfig())
