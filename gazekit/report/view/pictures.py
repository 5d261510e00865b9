"""How does a small picture of one image come out of thousands? Its row group alone is read."""

import io
import threading
from collections import OrderedDict
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
from PIL import Image

from gazekit.model.dataset import Dataset
from gazekit.model.errors import DataError
from gazekit.report.picture import jpeg_bytes, thumbnail

__all__ = ["Pictures"]

_PX = 200
_MOST_KEPT = 2000
"""Small pictures that stay in memory: about 10 MB."""

_BATCH = 16


class Pictures:
    """The images of a dataset, small, as they are asked for; safe to ask from many threads."""

    def __init__(self, dataset: Dataset) -> None:
        self._dataset = dataset
        self._places: dict[str, tuple[Path, int, int]] | None = None
        self._kept: OrderedDict[str, bytes | None] = OrderedDict()
        self._lock = threading.Lock()

    def small(self, image_id: str) -> bytes | None:
        """Return an image as a small JPEG; None where the dataset has no picture of it.

        Raises
        ------
        DataError
            The stored picture does not decode.
        """
        # One at a time: a row group takes up to 64 MB while it is read.
        with self._lock:
            if image_id not in self._kept:
                self._kept[image_id] = self._made(image_id)
                if len(self._kept) > _MOST_KEPT:
                    self._kept.popitem(last=False)
            self._kept.move_to_end(image_id)
            return self._kept[image_id]

    def _made(self, image_id: str) -> bytes | None:
        place = self._found().get(image_id)
        data = None if place is None else _stored(*place)
        if data is None:
            return None
        try:
            pixels = np.asarray(Image.open(io.BytesIO(data)).convert("L"))
        except (OSError, ValueError) as error:
            raise DataError("the stored picture does not decode", where=image_id) from error
        return jpeg_bytes(thumbnail(pixels, max_px=_PX))

    def _found(self) -> dict[str, tuple[Path, int, int]]:
        """Return shard, row group and row of every image; the ids are read, the pictures not."""
        if self._places is None:
            self._places = {}
            for path in self._dataset.shards("images"):
                with pq.ParquetFile(path) as file:
                    for group in range(file.num_row_groups):
                        ids = file.read_row_group(group, columns=["image_id"]).column(0)
                        for row, name in enumerate(ids.to_pylist()):
                            self._places[name] = (path, group, row)
        return self._places


def _stored(path: Path, group: int, row: int) -> bytes | None:
    """Return the bytes of one row's picture; batches before it are dropped as they come."""
    with pq.ParquetFile(path) as file:
        first = 0
        for batch in file.iter_batches(_BATCH, row_groups=[group], columns=["image.bytes"]):
            if row < first + batch.num_rows:
                value = batch.column(0)[row - first].as_py()
                found = None if value is None else value["bytes"]
                return found if isinstance(found, bytes) and found else None
            first += batch.num_rows
    return None
