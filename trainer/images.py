"""Where do a split's pixels come from: from its Parquet shards, or decoded once and kept."""

import io
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from typing import Any, Protocol

import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray
from PIL import Image

from gazekit.model.dataset import Dataset
from gazekit.model.errors import DataError
from trainer.letterbox import letterbox

__all__ = ["IMAGE_COLUMNS", "ParquetImages", "Pictures", "decode_row", "grey_mean_std"]

IMAGE_COLUMNS = ["image_id", "width_px", "height_px", "image"]

_Pixels = NDArray[np.uint8]

_KEPT_GROUPS = 4
"""Row groups of encoded images in memory: those of a shuffled window, and of the one before."""

_LOOKED_AT = 4096
"""Images that the mean grey is taken of; more would not move it."""


class Pictures(Protocol):
    """The images of a split as training squares, in the order of table `images`."""

    @property
    def groups(self) -> NDArray[np.int64] | None:
        """Which row group each image lies in, where neighbours are cheaper to read together."""

    @property
    def present(self) -> NDArray[np.bool_]:
        """Which images are embedded."""

    def __len__(self) -> int:
        """Count the images."""

    def __getitem__(self, row: int) -> _Pixels:
        """Return one image: uint8, shape (size_px, size_px)."""


class ParquetImages:
    """Decodes images when they are asked for; the row groups read last are kept, encoded.

    `grouped`: tell the sampler of the row groups, so that it keeps their readings together.
    """

    def __init__(self, dataset: Dataset, split: str, *, size_px: int, grouped: bool = True) -> None:
        self._grouped = grouped
        self._shards = dataset.shards("images", split)
        self._size_px = size_px
        self._places: list[tuple[int, int]] = []  # shard and row group, by number of the group
        self._starts = [0]
        for shard, path in enumerate(self._shards):
            with pq.ParquetFile(path) as file:
                for group in range(file.metadata.num_row_groups):
                    self._places.append((shard, group))
                    rows = file.metadata.row_group(group).num_rows
                    self._starts.append(self._starts[-1] + rows)
        self._kept: OrderedDict[int, Any] = OrderedDict()

    @property
    def groups(self) -> NDArray[np.int64] | None:
        """Which row group each image lies in."""
        if not self._grouped:
            return None
        return np.repeat(np.arange(len(self._places)), np.diff(self._starts))

    @property
    def present(self) -> NDArray[np.bool_]:
        """Which images are embedded; only row groups whose statistics leave it open are read."""
        found = np.ones(len(self), np.bool_)
        for group, (shard, inner) in enumerate(self._places):
            with pq.ParquetFile(self._shards[shard]) as file:
                if _may_miss(file.metadata.row_group(inner)):
                    images = file.read_row_group(inner, columns=["image"]).column("image")
                    empty = images.combine_chunks().field("bytes").is_null().to_numpy(False)
                    whole = images.is_null().to_numpy()
                    found[self._starts[group] : self._starts[group + 1]] = ~(empty | whole)
        return found

    def __len__(self) -> int:
        """Count the images."""
        return self._starts[-1]

    def __getitem__(self, row: int) -> _Pixels:
        """Decode one image.

        Raises
        ------
        DataError
            It does not decode.
        """
        group = int(np.searchsorted(self._starts, row, side="right")) - 1
        inner = self._group(group).slice(row - self._starts[group], 1).to_pylist()[0]
        return decode_row(inner, size_px=self._size_px)

    def _group(self, group: int) -> Any:  # noqa: ANN401 - pyarrow's table
        if group in self._kept:
            self._kept.move_to_end(group)
            return self._kept[group]
        shard, inner = self._places[group]
        with pq.ParquetFile(self._shards[shard]) as file:
            self._kept[group] = file.read_row_group(inner, columns=IMAGE_COLUMNS)
        if len(self._kept) > _KEPT_GROUPS:
            self._kept.popitem(last=False)
        return self._kept[group]


def decode_row(row: dict[str, Any], *, size_px: int) -> _Pixels:
    """Return the training square of a row of table `images`.

    Raises
    ------
    DataError
        The image does not decode; its row is named.
    """
    try:
        with Image.open(io.BytesIO(row["image"]["bytes"])) as image:
            grey = np.asarray(image.convert("L"))
    except (OSError, TypeError) as error:
        raise DataError(
            "the image does not decode",
            where=row["image_id"],
            expected="an 8-bit PNG",
            remedy="check the dataset with: gazekit verify DATASET",
        ) from error
    return letterbox(grey, size_px=size_px, original=(row["width_px"], row["height_px"]))


def grey_mean_std(pictures: Pictures, rows: Sequence[int]) -> tuple[float, float]:
    """Return mean and standard deviation of the grey values 0..1 of some images, evenly spread."""
    counts = np.zeros(256, np.int64)
    for row in _spread(rows):
        counts += np.bincount(pictures[row].ravel(), minlength=256)
    values = np.arange(256) / 255
    mean = float((counts * values).sum() / counts.sum())
    return mean, float(np.sqrt((counts * (values - mean) ** 2).sum() / counts.sum()))


def _spread(rows: Sequence[int]) -> Iterator[int]:
    distinct = sorted(set(rows))
    step = max(1, -(-len(distinct) // _LOOKED_AT))
    yield from distinct[::step]


def _may_miss(group: pq.RowGroupMetaData) -> bool:
    for index in range(group.num_columns):
        column = group.column(index)
        if column.path_in_schema == "image.bytes":
            statistics = column.statistics
            return statistics is None or statistics.null_count != 0
    return True
