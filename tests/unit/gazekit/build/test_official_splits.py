"""Does a dataset's own division hold for every reading of a patient?"""

import pytest

from gazekit.build.config import SplitConfig
from gazekit.build.splits import assign_splits
from gazekit.model.errors import DataError
from gazekit.model.records import ReadingRecord


def _reading(name: str, patient: str | None, image: str) -> ReadingRecord:
    return ReadingRecord(
        reading_id=name,
        reader_id="R01",
        image_id=image,
        onset_us=0,
        offset_us=1,
        outcome="complete",
        patient_id=patient,
    )


READINGS = [
    _reading("a", "p1", "i1"),
    _reading("b", "p1", "i2"),
    _reading("c", "p2", "i3"),
    _reading("d", None, "i4"),
]


def test_other_readings_of_the_patient_go_with_it() -> None:
    for split in ("train", "validation", "test"):
        splits = assign_splits(READINGS, SplitConfig(), official={"a": split})
        assert splits["a"] == splits["b"] == split
        assert splits["c"] == assign_splits(READINGS, SplitConfig())["c"]


def test_it_can_be_set_aside() -> None:
    config = SplitConfig(official=False)
    every = {"a": "test", "c": "validation", "d": "test"}
    assert assign_splits(READINGS, config, official=every) == assign_splits(READINGS, config)


def test_a_patient_in_two_is_refused_with_the_way_out() -> None:
    with pytest.raises(DataError, match=r"splits\.official=false"):
        assign_splits(READINGS, SplitConfig(), official={"a": "test", "b": "train"})
