"""Is a Gazepoint export read with its odd header, its seconds that restart, its validity?"""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from gazekit.model.errors import DataError
from gazekit.model.records import ScreenRecord
from gazekit.model.schemas import check_table
from gazekit.read.gazepoint import GazepointFile, is_gazepoint
from gazekit.read.recording import contents_of

FORMATS = Path(__file__).parents[3] / "data" / "formats"
FIXTURE = FORMATS / "gazepoint" / "User 0_all_gaze.csv"
SCREEN = ScreenRecord(
    width_px=1920, height_px=1080, width_mm=528.0, height_mm=297.0, distance_mm=650.0
)
SEEN = np.array([True, True, False, False, True, True])
SECONDS = [0.0, 0.01667, 0.03333, 0.05, 0.06667, 0.08333]


def _samples(path: Path) -> pa.Table:
    table = pa.concat_tables([chunk.samples for chunk in GazepointFile(path, SCREEN).chunks()])
    check_table(table, "samples")
    return table


def _assert_same(one: pa.Table, other: pa.Table) -> None:
    for name in one.column_names:
        np.testing.assert_array_equal(one.column(name).to_numpy(), other.column(name).to_numpy())


def _rows() -> list[list[str]]:
    return [line.split(",") for line in FIXTURE.read_text("utf-8").splitlines()]


def _write(folder: Path, rows: list[list[str]]) -> Path:
    path = folder / "edited.csv"
    path.write_text("\n".join(",".join(row) for row in rows) + "\n", "utf-8")
    return path


def _without(rows: list[list[str]], *names: str) -> list[list[str]]:
    keep = [at for at, name in enumerate(rows[0]) if name not in names]
    return [[row[at] for at in keep] for row in rows]


def test_the_fixture_gives_what_its_generator_states() -> None:
    assert is_gazepoint(FIXTURE)
    rows = _samples(FIXTURE).to_pydict()
    base = 500_000_000_000 // 10
    assert rows["time_us"] == [base + round(s * 1e6) for s in SECONDS]
    x = (0.5 + 0.001 * np.arange(6)) * 1920
    np.testing.assert_allclose(rows["left_x_px"], np.where(SEEN, x, np.nan))
    np.testing.assert_allclose(rows["right_y_px"], np.where(SEEN, 0.49 * 1080, np.nan))
    np.testing.assert_allclose(rows["left_pupil_mm"], [np.float32(3.1)] * 6)
    np.testing.assert_allclose(rows["right_pupil_mm"], [np.float32(3.2)] * 6)


def test_egd_is_not_taken_for_a_gazepoint_export() -> None:
    assert not is_gazepoint(FORMATS / "egd-cxr" / "eye_gaze.csv")


def test_the_medium_and_the_vendors_fixation_are_kept() -> None:
    contents = contents_of(GazepointFile(FIXTURE, SCREEN))
    (shown,) = contents.presentations
    assert shown.names == ("cxr1.png", "0")
    (fixation,) = contents.events
    assert (fixation.duration_us, fixation.value["x_px"]) == (83_330, 960.0)


def test_seconds_that_restart_are_placed_by_the_ticks(tmp_path: Path) -> None:
    rows = _rows()
    more = [list(row) for row in rows[1:]]
    for row in more:
        row[0], row[1] = "1", "cxr2.png"
        row[4] = str(int(row[4]) + 50_000_000)
    contents = contents_of(GazepointFile(_write(tmp_path, [*rows, *more]), SCREEN))
    first, second = contents.presentations
    assert second.onset_us - first.onset_us == 5_000_000
    assert first.offset_us - first.onset_us == 100_000
    assert second.offset_us - second.onset_us == 100_000


def test_without_ticks_one_medium_follows_the_other(tmp_path: Path) -> None:
    rows = _rows()
    more = [[*("1", "cxr2.png"), *row[2:]] for row in rows[1:]]
    path = _write(tmp_path, _without([*rows, *more], "TIMETICK(f=10000000)"))
    times = _samples(path).column("time_us").to_pylist()
    assert times == sorted(times)
    assert len(contents_of(GazepointFile(path, SCREEN)).presentations) == 2


def test_without_validity_a_blink_is_loss(tmp_path: Path) -> None:
    rows = _without(_rows(), "BPOGV", "FPOGV")
    at = rows[0].index("BKID")
    rows[5][at] = "7"
    lost = np.isnan(_samples(_write(tmp_path, rows)).column("left_x_px").to_numpy())
    assert lost.tolist() == [False, False, False, False, True, False]


@pytest.mark.parametrize("trailing", ["header and rows", "header only", "nowhere"])
def test_the_comma_at_the_end_is_no_column(tmp_path: Path, trailing: str) -> None:
    rows = _rows()
    if trailing != "header and rows":
        rows = [rows[0], *(row[:-1] for row in rows[1:])]
    if trailing == "nowhere":
        rows[0] = rows[0][:-1]
    _assert_same(_samples(_write(tmp_path, rows)), _samples(FIXTURE))


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("BPOGX", "left", r"row 4, column BPOGX: .*found 4 characters of text"),
        ("TIME(2021/07/13 09:21:09.801)", "", "row 4: a row has no time"),
        ("TIME(2021/07/13 09:21:09.801)", "0.0", "row 4: the time goes backwards"),
    ],
)
def test_a_broken_cell_is_named(tmp_path: Path, column: str, value: str, message: str) -> None:
    rows = _rows()
    rows[3][rows[0].index(column)] = value
    with pytest.raises(DataError, match=message):
        _samples(_write(tmp_path, rows))


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    path = _write(tmp_path, _without(_rows(), "BPOGY"))
    with pytest.raises(DataError, match=r"edited\.csv: row 1: a column is missing .*BPOGY"):
        _samples(path)


def test_the_file_of_fixations_is_refused(tmp_path: Path) -> None:
    rows = _rows()
    for index, row in enumerate(rows[1:]):
        row[3] = f"{index * 0.3:.5f}"
    with pytest.raises(DataError, match=r"these are fixations, not samples .*all_gaze"):
        _samples(_write(tmp_path, rows))
