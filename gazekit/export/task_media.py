"""Where do the pictures of exported samples come from? Images as stored, frames drawn on demand."""

import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from gazekit.image import encode_png
from gazekit.model.dataset import Dataset
from gazekit.model.files import write_bytes
from gazekit.model.layout import IDENTIFIER
from gazekit.model.layout_outputs import TaskExportLayout
from gazekit.render import keyframe_map, picture_of, scaled_to
from gazekit.tasks import Frame, ReadingRows

__all__ = ["Media", "copy_images"]


def copy_images(
    dataset: Dataset, layout: TaskExportLayout, wanted: Iterable[str]
) -> dict[str, tuple[int, int]]:
    """Write the wanted images that the dataset holds; return (width, height) of each.

    One that is there already is taken as it is: it was written whole.
    """
    left, sizes = set(wanted), {}
    for batch in dataset.batches("images", columns=["image_id", "image"], rows=8):
        for row in batch.to_pylist():
            name = row["image_id"]
            if name not in left or not (row["image"] and row["image"]["bytes"]):
                continue
            left.remove(name)
            path = layout.image(_file_name(name))
            if not path.is_file():
                write_bytes(path, row["image"]["bytes"])
            with Image.open(io.BytesIO(row["image"]["bytes"])) as picture:
                sizes[name] = picture.size
    return sizes


@dataclass
class Media:
    """Draws the frames of one reading after another, and says where each picture is."""

    layout: TaskExportLayout
    frame_px: int
    sigma_deg: float
    drawn: int = 0
    _paths: dict[Path, None] = field(default_factory=dict)

    def image(self, image_id: str) -> str:
        """Return the place of an image, from the export's folder."""
        return self._relative(self.layout.image(_file_name(image_id)))

    def frames(self, rows: ReadingRows, frames: Iterable[Frame]) -> list[str]:
        """Draw the frames that are not there yet; return their places, in order."""
        by_key = {row["keyframe_id"]: row for row in rows.keyframes}
        image: NDArray[np.uint8] | None = None
        places = []
        for frame in frames:
            row = by_key[frame.keyframe_id]
            path = self.layout.frame(
                _file_name(rows.reading_id), row["sentence_index"], frame.order
            )
            if not path.is_file():
                if image is None:
                    image = self._small(rows.reading["image_id"])
                write_bytes(path, self._png(row, frame.order, image))
            self.drawn += path not in self._paths
            self._paths[path] = None
            places.append(self._relative(path))
        return places

    def close_reading(self) -> None:
        """Forget which frames of the reading were counted."""
        self._paths.clear()

    def _png(self, row: Mapping[str, Any], order: int | None, image: NDArray[np.uint8]) -> bytes:
        grid = (image.shape[0], image.shape[1])
        heatmap = keyframe_map(row, grid=grid, order=order, sigma_deg=self.sigma_deg)
        return encode_png(picture_of(image, heatmap), level=1)

    def _small(self, image_id: str) -> NDArray[np.uint8]:
        with Image.open(self.layout.image(_file_name(image_id))) as picture:
            grey = np.asarray(picture.convert("L"), np.uint8)
        share = min(1.0, self.frame_px / max(grey.shape))
        return scaled_to(grey, tuple(max(1, round(side * share)) for side in grey.shape))

    def _relative(self, path: Path) -> str:
        return path.relative_to(self.layout.root).as_posix()


def _file_name(name: str) -> str:
    """Return an id where it can be a file's name, else a hash of it."""
    return name if IDENTIFIER.fullmatch(name) else sha256(name.encode()).hexdigest()[:32]
