"""Is a recording of Titta read with its messages, without pandas and without executing anything?"""

import builtins
import json
import pickle
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pyarrow as pa
import pytest

from gazekit.model.errors import DataError, UnfitError
from gazekit.model.records import ScreenRecord
from gazekit.model.schemas import check_table
from gazekit.read.recording import contents_of
from gazekit.read.titta_hdf5 import TittaFile, is_titta

FIXTURE = Path(__file__).parents[3] / "data" / "formats" / "titta" / "P1.h5"
SCREEN = ScreenRecord(
    width_px=1920, height_px=1080, width_mm=528.0, height_mm=297.0, distance_mm=650.0
)
SEEN = [True, True, False, False, True, True]


def _samples(path: Path) -> pa.Table:
    table = pa.concat_tables([chunk.samples for chunk in TittaFile(path, SCREEN).chunks()])
    check_table(table, "samples")
    return table


def _edited(folder: Path, edit: Callable[[h5py.File], None]) -> Path:
    path = folder / "P1.h5"
    shutil.copy(FIXTURE, path)
    with h5py.File(path, "r+") as file:
        edit(file)
    return path


def _set_texts(file: h5py.File, data: bytes) -> None:
    values = file["msg/block1_values"]
    values[0] = np.frombuffer(data, np.uint8)


def test_the_fixture_gives_what_its_generator_states() -> None:
    assert is_titta(FIXTURE)
    rows = _samples(FIXTURE).to_pydict()
    assert rows["time_us"] == [91_000_000 + 8335 * k for k in range(6)], "the host's clock"
    for column, value in {"left_x_px": 0.506 * 1920, "right_x_px": 0.514 * 1920}.items():
        np.testing.assert_allclose(rows[column], [value if ok else np.nan for ok in SEEN])
    np.testing.assert_allclose(rows["distance_mm"], [650.0 if ok else np.nan for ok in SEEN])
    pupil = np.float32(3.1)
    np.testing.assert_array_equal(rows["left_pupil_mm"], [pupil if ok else np.nan for ok in SEEN])


def test_a_trial_lies_between_its_onset_and_its_offset() -> None:
    contents = contents_of(TittaFile(FIXTURE, SCREEN))
    (shown,) = contents.presentations
    assert (shown.names, shown.onset_us, shown.offset_us) == (
        ("cxr1.png",),
        91_000_100,
        91_041_000,
    )
    assert contents.messages() == [
        (91_000_100, "onset_cxr1.png"),
        (91_041_000, "offset_cxr1.png"),
    ]


def test_the_file_beside_it_tells_the_display(tmp_path: Path) -> None:
    path = _edited(tmp_path, lambda _: None)
    facts = {
        "model": "Tobii Pro Spectrum",
        "serial_number": "hidden",
        "sampling_frequency": 600.0,
        "display_area": {"width": 528.0, "height": 297.0},
    }
    path.with_suffix(".json").write_text(json.dumps(facts), "utf-8")
    header = TittaFile(path, SCREEN).header()
    assert (header.screen_mm, header.rate_hz, header.model) == (
        (528.0, 297.0),
        600.0,
        "Tobii Pro Spectrum",
    )


def test_a_real_file_beside_it(shared_data: Callable[[str], Path], tmp_path: Path) -> None:
    path = _edited(tmp_path, lambda _: None)
    shutil.copy(shared_data("tobii_spectrum") / "participant1.json", path.with_suffix(".json"))
    header = TittaFile(path, SCREEN).header()
    assert header.screen_mm == pytest.approx((528.0, 297.0), abs=0.01)
    assert (header.rate_hz, header.model) == (600.0, "Tobii Pro Spectrum")


class _Planted:
    """Writes a file when it is unpickled."""

    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.touch, (self.target,))


def test_what_a_file_would_execute_is_refused(tmp_path: Path) -> None:
    target = tmp_path / "executed"
    planted = pickle.dumps(_Planted(target))
    path = _edited(tmp_path, lambda file: _set_texts(file, planted))
    with pytest.raises(DataError, match="not texts"):
        _samples(path)
    assert not target.exists()


def test_texts_that_do_not_fit_their_times_are_refused(tmp_path: Path) -> None:
    one = pickle.dumps(np.array([["onset_a"]], object))
    path = _edited(tmp_path, lambda file: _set_texts(file, one))
    with pytest.raises(DataError, match=r"msg: times and texts do not match"):
        _samples(path)


def test_a_missing_frame_or_column_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"P1\.h5: a frame of pandas is missing .*'gaze'"):
        _samples(_edited(tmp_path, lambda file: file.__delitem__("gaze")))

    def rename(file: h5py.File) -> None:
        names = file["gaze/block2_items"]
        names[...] = [name.replace(b"left_gaze_point_valid", b"gone") for name in names[:]]

    with pytest.raises(
        DataError, match=r"P1\.h5: gaze: a column is missing .*left_gaze_point_valid"
    ):
        _samples(_edited(tmp_path, rename))


def test_a_clock_that_goes_back_is_named(tmp_path: Path) -> None:
    def turn(file: h5py.File) -> None:
        values = file["gaze/block0_values"]
        values[3, 1] = 1

    with pytest.raises(DataError, match="gaze, row 3: the time goes backwards"):
        _samples(_edited(tmp_path, turn))


@pytest.mark.parametrize("size", [0, 8, 700, 20_000], ids=lambda size: f"{size} bytes")
def test_a_cut_file_is_one_line(tmp_path: Path, size: int) -> None:
    path = tmp_path / "P1.h5"
    path.write_bytes(FIXTURE.read_bytes()[:size])
    with pytest.raises(DataError, match=r"P1\.h5"):
        _samples(path)


def test_without_h5py_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *rest: Any) -> Any:
        if name == "h5py":
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(UnfitError, match=r"P1.h5: .*pip install 'gazekit\[titta\]'"):
        list(TittaFile(FIXTURE, SCREEN).chunks())
