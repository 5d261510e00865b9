"""Which images are decoded already: squares of bytes, found by the hash of the picture."""

import hashlib
import os
import shutil
from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from gazekit.console import progress
from gazekit.model.dataset import Dataset
from gazekit.model.files import held, write_bytes
from gazekit.model.layout_outputs import ImageCacheLayout
from trainer.config import TrainConfig
from trainer.images import IMAGE_COLUMNS, ParquetImages, Pictures, decode_row

__all__ = [
    "CacheResult",
    "CachedImages",
    "cached_images",
    "chosen_source",
    "fill_cache",
    "open_images",
]

_Pixels = NDArray[np.uint8]

_FREE_SHARE = 0.5
"""A cache may take so much of what is free on its disk."""


class CacheResult(msgspec.Struct, frozen=True, kw_only=True):
    """What is in a cache now: the dataset's images there, and how many were not before."""

    folder: str
    size_px: int
    images: int
    decoded: int
    bytes: int


class CachedImages:
    """The images of a split in a cache, memory-mapped."""

    groups = None

    def __init__(self, pixels: _Pixels, rows: Sequence[int | None]) -> None:
        self._pixels, self._rows = pixels, rows

    @property
    def present(self) -> NDArray[np.bool_]:
        """Which images are embedded."""
        return np.array([row is not None for row in self._rows], np.bool_)

    @property
    def shape(self) -> tuple[int, ...]:
        """Count, rows, columns."""
        return (len(self._rows), *self._pixels.shape[1:])

    def __len__(self) -> int:
        """Count the images."""
        return len(self._rows)

    def __getitem__(self, row: int) -> _Pixels:
        """Return one image; black where it is not embedded."""
        place = self._rows[row]
        if place is None:
            return np.zeros(self._pixels.shape[1:], np.uint8)
        square: _Pixels = self._pixels[place]
        return square


def cached_images(dataset: Dataset, split: str, *, size_px: int, cache: Path) -> CachedImages:
    """Return the images of a split as training squares, decoding what is not in the cache.

    Parameters
    ----------
    cache
        A folder; several datasets may share it. A picture is found by the hash of its display
        pixels, and by how the dataset embeds pictures, which may be smaller than that.

    Raises
    ------
    DataError
        An image does not decode.
    GazekitError
        Another process is adding to the cache.
    """
    layout, recipe = ImageCacheLayout(cache), _recipe(dataset)
    pixels, index = layout.pixels(size_px, recipe), layout.index(size_px, recipe)
    hashes, empty = _hashes(dataset, split)
    known = _known(index)
    if {key for key in hashes if key not in known} - empty:
        with held(cache, where=cache.name):
            _add(dataset, split, size_px, pixels, index)
        known = _known(index)
    shape = (len(known), size_px, size_px)
    mapped = np.memmap(pixels, np.uint8, "r", shape=shape) if known else np.zeros(shape, np.uint8)
    return CachedImages(mapped, [known.get(key) for key in hashes])


def fill_cache(
    dataset: Dataset, *, splits: Sequence[str] = (), size_px: int, cache: Path | None = None
) -> CacheResult:
    """Decode the images of some splits, or all; see `cached_images`.

    `cache`: the folder; where absent, the one beside the dataset.
    """
    folder = ImageCacheLayout.beside(dataset.root).root if cache is None else cache
    folder.mkdir(parents=True, exist_ok=True)
    index = ImageCacheLayout(folder).index(size_px, _recipe(dataset))
    before = len(_known(index))
    images = 0
    for split in splits or dataset.splits:
        found = cached_images(dataset, split, size_px=size_px, cache=folder)
        images += int(found.present.sum())
    return CacheResult(
        folder=str(folder),
        size_px=size_px,
        images=images,
        decoded=len(_known(index)) - before,
        bytes=len(_known(index)) * size_px**2,
    )


def open_images(dataset: Dataset, split: str, config: TrainConfig, *, home: Path) -> Pictures:
    """Return the images of a split from where ``data.images`` and ``data.cache`` say.

    `home`: where the cache is, if no other place is named and there is none beside the dataset.
    """
    cache, size_px = _folder(dataset, config, home), config.model.image_px
    if chosen_source(dataset, config, home=home) == "parquet":
        return ParquetImages(dataset, split, size_px=size_px)
    return cached_images(dataset, split, size_px=size_px, cache=cache)


def chosen_source(dataset: Dataset, config: TrainConfig, *, home: Path) -> str:
    """Return ``cache`` or ``parquet``: what ``auto`` comes to, by the room on the disk."""
    if config.data.images != "auto":
        return config.data.images
    place = _folder(dataset, config, home)
    while not place.exists():
        place = place.parent
    room = shutil.disk_usage(place).free * _FREE_SHARE
    return "cache" if dataset.count("images") * config.model.image_px**2 <= room else "parquet"


def _folder(dataset: Dataset, config: TrainConfig, home: Path) -> Path:
    if config.data.cache is not None:
        return Path(config.data.cache)
    beside = ImageCacheLayout.beside(dataset.root).root
    return beside if beside.is_dir() else home


def _recipe(dataset: Dataset) -> str:
    settings = msgspec.json.encode(dataset.info.config.get("images"), order="sorted")
    return hashlib.sha256(settings).hexdigest()[:8]


def _hashes(dataset: Dataset, split: str) -> tuple[list[str], set[str]]:
    """Return the hash of each image, and those that this reading of the table finds empty."""
    table = dataset.table("images", split, columns=["image_id", "sha256"])
    keys = zip(table["sha256"].to_pylist(), table["image_id"].to_pylist(), strict=True)
    hashes = [_key(dataset, key, name) for key, name in keys]
    present = ParquetImages(dataset, split, size_px=1).present
    return hashes, {key for key, there in zip(hashes, present, strict=True) if not there}


def _key(dataset: Dataset, sha256: str | None, image_id: str) -> str:
    """Return what a picture is found by; one without a hash is this dataset's own."""
    return sha256 or f"{dataset.info.fingerprint}/{image_id}"


def _known(index: Path) -> dict[str, int]:
    lines = index.read_text("utf-8").splitlines() if index.is_file() else []
    return {key: place for place, key in enumerate(lines)}


def _add(dataset: Dataset, split: str, size_px: int, pixels: Path, index: Path) -> None:
    """Decode what is missing to the end of the array; name it when the array is on the disk."""
    known = _known(index)  # again: another process may have been here before
    before = len(known) * size_px**2
    pixels.parent.mkdir(parents=True, exist_ok=True)
    try:
        with (
            pixels.open("ab") as file,
            progress(f"decoding {split} images", dataset.count("images", split)) as ticker,
        ):
            file.truncate(before)  # what a process that was cut left behind
            for batch in dataset.batches(
                "images", split, columns=["sha256", *IMAGE_COLUMNS], rows=100
            ):
                for row in batch.to_pylist():
                    key = _key(dataset, row["sha256"], row["image_id"])
                    if key not in known and row["image"] and row["image"]["bytes"] is not None:
                        file.write(decode_row(row, size_px=size_px).tobytes())
                        known[key] = len(known)
                    ticker.tick()
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        if before == 0:
            pixels.unlink(missing_ok=True)
        raise
    write_bytes(index, "".join(f"{key}\n" for key in known).encode())
