"""How is a pandas frame in HDF5 read without pandas? Numbers in slices, and nothing is executed.

pandas' fixed format keeps a frame as blocks of one type: ``axis0`` names the columns, and for each
block ``block<n>_items`` its columns and ``block<n>_values`` its rows. Texts stand there as pickled
arrays; unpickling may run anything that a file says, so that only the few constructors of an array
of texts are known here, and those only gather the texts.
"""

import io
import pickle
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

import numpy as np
from numpy.typing import NDArray

from gazekit.model.errors import DataError

if TYPE_CHECKING:
    import h5py

__all__ = ["Frame", "open_frame"]


@dataclass(frozen=True)
class Frame:
    """One frame of an open file; `places`: of each column, its block and its place there."""

    where: str
    key: str
    group: "h5py.Group"
    rows: int
    places: dict[str, tuple[int, int]]

    def numbers(self, name: str, start: int, stop: int) -> NDArray[np.generic]:
        """Read the rows from `start` to `stop` of a column of numbers."""
        block, place = self._place(name)
        try:
            values = self.group[f"block{block}_values"]
            part = values[start:stop, place] if values.ndim > 1 else None
        except (OSError, RuntimeError, KeyError, ValueError, TypeError):
            part = None
        if part is None or np.asarray(part).dtype.kind not in "biuf":
            raise DataError("not a column of numbers", where=self.where, found=f"{self.key}/{name}")
        return np.asarray(part)

    def texts(self, name: str) -> list[str]:
        """Read a column of texts whole."""
        block, place = self._place(name)
        columns = self._width(block)
        texts: list[object] = []
        try:
            rows = list(self.group[f"block{block}_values"])
        except (OSError, RuntimeError, KeyError, TypeError):
            raise DataError("the texts are damaged", where=f"{self.where}: {self.key}") from None
        for data in rows:
            texts += _texts_of(bytes(np.asarray(data, np.uint8)), f"{self.where}: {self.key}")
        return [str(text) for text in texts[place::columns]]

    def _place(self, name: str) -> tuple[int, int]:
        if name not in self.places:
            raise DataError("a column is missing", where=f"{self.where}: {self.key}", expected=name)
        return self.places[name]

    def _width(self, block: int) -> int:
        return sum(1 for number, _ in self.places.values() if number == block)


def open_frame(file: "h5py.File", key: str, *, where: str) -> Frame:
    """Find the frame `key` in an open file.

    Raises
    ------
    DataError
        It is not there, or is not a frame in the fixed format.
    """
    try:
        group = file.get(key)
    except (OSError, RuntimeError):
        group = None
    if group is None or not hasattr(group, "keys"):
        raise DataError(
            "a frame of pandas is missing",
            where=where,
            expected=repr(key),
            found=f"{len(file)} other groups",
        )
    try:
        places: dict[str, tuple[int, int]] = {}
        count = sum(1 for name in group if name.endswith("_values"))
        for block in range(count):
            items = group[f"block{block}_items"][:]
            for place, name in enumerate(items):
                text = name.decode() if isinstance(name, bytes) else str(name)
                places[text] = (block, place)
        rows = int(group["axis1"].shape[0])
    except (KeyError, AttributeError, ValueError, TypeError, OSError, RuntimeError):
        raise DataError(
            "a frame of pandas is damaged",
            where=f"{where}: {key}",
            expected="pandas' fixed format",
        ) from None
    return Frame(where, key, group, rows, places)


def _texts_of(data: bytes, where: str) -> Sequence[object]:
    """Return the texts of a pickled array of texts."""
    try:
        found = _TextsOnly(io.BytesIO(data)).load()
    except (pickle.UnpicklingError, EOFError, ValueError, TypeError, IndexError, KeyError):
        raise DataError("the texts are damaged or not texts", where=where) from None
    except (AttributeError, ImportError, UnicodeError):
        raise DataError("the texts are damaged or not texts", where=where) from None
    if not isinstance(found, _Texts):
        raise DataError("the texts are damaged or not texts", where=where)
    return found.texts


class _Texts:
    """Stands for an array while it is unpickled; keeps its texts and does nothing else."""

    def __init__(self, *_: object) -> None:
        self.texts: list[object] = []

    def __setstate__(self, state: object) -> None:
        if isinstance(state, tuple) and isinstance(state[-1], list):
            self.texts = state[-1]


class _Type:
    """Stands for a dtype while it is unpickled."""

    def __init__(self, *_: object) -> None:
        pass

    def __setstate__(self, state: object) -> None:
        pass


class _TextsOnly(pickle.Unpickler):
    """Knows the constructors of an array of texts, as stand-ins, and refuses all others."""

    _KNOWN = {  # noqa: RUF012 - never changed
        ("numpy.core.multiarray", "_reconstruct"): _Texts,
        ("numpy._core.multiarray", "_reconstruct"): _Texts,
        ("numpy", "ndarray"): _Type,
        ("numpy", "dtype"): _Type,
    }

    def find_class(self, module_name: str, global_name: str) -> type:
        known = self._KNOWN.get((module_name, global_name))
        return known if known is not None else _refuse()


def _refuse() -> NoReturn:
    raise pickle.UnpicklingError
