"""Are subjects, sessions and runs named as BIDS allows, and never twice?"""

import re

import pytest

from gazekit.export.bids_names import run_names
from gazekit.model.errors import DataError


def _reading(
    key: str, reader: str, session: str | None, order: int | None = 0
) -> dict[str, object]:
    return {
        "reading_id": key,
        "reader_id": reader,
        "session_id": session,
        "order": order,
        "origin_us": 0,
    }


def test_runs_count_within_a_session() -> None:
    rows = [
        _reading("c", "R_01", "s-1", 1),
        _reading("b", "R_01", "s-1", 0),
        _reading("d", "R_01", "s-2"),
        _reading("e", "R02", None, None),
    ]
    names = {
        key: name.file("physio.tsv.gz", recording="eye1") for key, name in run_names(rows).items()
    }
    assert names == {
        "b": "sub-R01_ses-s1_task-reading_run-01_recording-eye1_physio.tsv.gz",
        "c": "sub-R01_ses-s1_task-reading_run-02_recording-eye1_physio.tsv.gz",
        "d": "sub-R01_ses-s2_task-reading_run-01_recording-eye1_physio.tsv.gz",
        "e": "sub-R02_task-reading_run-01_recording-eye1_physio.tsv.gz",
    }
    assert all(re.fullmatch(r"[A-Za-z0-9_.-]+", name) for name in names.values())


@pytest.mark.parametrize(
    "rows",
    [
        [_reading("a", "R-1", None), _reading("b", "R1", None)],
        [_reading("a", "R1", "s.1"), _reading("b", "R1", "s1")],
        [_reading("a", "--", None)],
    ],
    ids=["readers", "sessions", "nothing left"],
)
def test_names_that_fall_together_are_refused(rows: list[dict[str, object]]) -> None:
    with pytest.raises(DataError, match="BIDS takes letters and digits only"):
        run_names(rows)
