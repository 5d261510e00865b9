"""How are key frames written? PNG files that name their sentence, an index, a film."""

import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from gazekit.image import encode_png
from gazekit.model.errors import UsageError
from gazekit.model.files import fsync_folder, write_bytes, write_json
from gazekit.model.layout_outputs import FramesLayout
from gazekit.model.version import DISCLAIMER
from gazekit.render.film import Film, write_film
from gazekit.render.keyframe import picture_of, scaled_to

__all__ = ["RenderedFrame", "write_frames"]


class RenderedFrame(msgspec.Struct, frozen=True, kw_only=True):
    """One frame as the index lists it; times from the reading's onset, places in image px.

    `box_px`, `centroid_px`: from gaze, never truth. `file`: its name in the folder.
    """

    sentence_id: str
    sentence_index: int
    text: str
    order: int
    holistic: bool
    time_us: int | None
    box_px: tuple[float, float, float, float] | None
    centroid_px: tuple[float, float] | None
    file: str = ""


@dataclass(frozen=True)
class _Index:
    reading_id: str
    image_id: str
    preset: str
    simulated: bool
    note: str
    frames: list[RenderedFrame]


def write_frames(
    frames: Sequence[tuple[RenderedFrame, NDArray[np.floating]]],
    out: Path,
    *,
    image: NDArray[np.uint8],
    about: dict[str, object],
    video: Film | None = None,
) -> list[RenderedFrame]:
    """Write frames into a new folder, which is whole or absent.

    Parameters
    ----------
    frames
        Each with its map, 0 to 1, in order: the clusters of a sentence, its holistic frame last.
    out
        The folder.
    image
        uint8, shape (rows, columns), as displayed; it is scaled to each map's grid.
    about
        `reading_id`, `image_id`, `preset` and `simulated`, for the index.
    video
        Write all frames, one a second, as a film too; see `write_film`.

    Raises
    ------
    UsageError
        OUT exists.
    """
    if out.exists():
        raise UsageError(
            "the folder exists already", where=out.name, remedy="choose another, or remove it"
        )
    part = out.with_name(f".{out.name}.part-{os.getpid()}")
    shutil.rmtree(part, ignore_errors=True)
    layout = FramesLayout(part)
    try:
        named, pictures = [], []
        for frame, heatmap in frames:
            picture = picture_of(scaled_to(image, heatmap.shape), heatmap)
            path = layout.frame(frame.sentence_index, frame.order, holistic=frame.holistic)
            write_bytes(path, encode_png(picture))
            named.append(msgspec.structs.replace(frame, file=path.name))
            pictures.append(picture)
        if video is not None:
            write_film(layout.film(video), pictures, kind=video)
        facts = msgspec.convert({**about, "note": DISCLAIMER, "frames": []}, _Index)
        write_json(layout.index, _Index(**{**vars(facts), "frames": named}))
        part.replace(out)
        fsync_folder(out.parent)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return named
