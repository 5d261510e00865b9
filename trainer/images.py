"""Where do pixels come from: a split's images, decoded once to a uint8 array at training size."""

import io
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from gazekit.console import progress
from gazekit.model.dataset import Dataset
from gazekit.model.errors import DataError
from gazekit.model.files import atomic_path
from gazekit.model.layout_outputs import ImageCacheLayout
from trainer.letterbox import letterbox

__all__ = ["cached_images"]

_Pixels = NDArray[np.uint8]


def cached_images(dataset: Dataset, split: str, *, size_px: int, cache: Path) -> _Pixels:
    """Return the images of a split as training squares, decoding them only the first time.

    Parameters
    ----------
    cache
        Folder of the arrays; a file is named after the dataset's fingerprint, split and size.

    Returns
    -------
    ndarray
        uint8, shape (images, size_px, size_px), memory-mapped, in the order of table `images`.

    Raises
    ------
    DataError
        An image does not decode.
    """
    path = ImageCacheLayout(cache).pixels(dataset.info.fingerprint, split, size_px)
    if not path.is_file():
        _decode_all(dataset, split, size_px, path)
    pixels: _Pixels = np.load(path, mmap_mode="r", allow_pickle=False)
    return pixels


def _decode_all(dataset: Dataset, split: str, size_px: int, path: Path) -> None:
    count = dataset.count("images", split)
    columns = ["image_id", "width_px", "height_px", "image"]
    with atomic_path(path) as part, progress(f"decoding {split} images", count) as ticker:
        out = np.lib.format.open_memmap(  # type: ignore[no-untyped-call]
            part, mode="w+", dtype=np.uint8, shape=(count, size_px, size_px)
        )
        index = 0
        for batch in dataset.batches("images", split, columns=columns, rows=100):
            for row in batch.to_pylist():
                original = (row["width_px"], row["height_px"])
                grey = _decode(row["image"]["bytes"], row["image_id"])
                out[index] = letterbox(grey, size_px=size_px, original=original)
                index += 1
                ticker.tick()
        out.flush()
        del out


def _decode(data: bytes | None, image_id: str) -> _Pixels:
    try:
        with Image.open(io.BytesIO(data or b"")) as image:
            return np.asarray(image.convert("L"))
    except OSError as error:
        raise DataError(
            "the image does not decode",
            where=image_id,
            expected="an 8-bit PNG",
            remedy="check the dataset with: gazekit verify DATASET",
        ) from error
