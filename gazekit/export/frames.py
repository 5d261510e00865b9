"""Which frames does a reading have? From a dataset as it was built, from raw samples anew."""

import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from gazekit.align import split_sentences
from gazekit.align.gazex import GazexPlan, gazex_frames
from gazekit.align.raw import raw_on_image
from gazekit.model.dataset import Dataset, DatasetInfo
from gazekit.model.errors import DataError, UsageError, did_you_mean
from gazekit.read import ReadingInput, Source, in_display_px
from gazekit.render import Film, RenderedFrame, keyframe_map, write_frames

__all__ = ["frames_of_dataset", "gazex_frames_of_sources", "sigma_deg_of"]

_Frames = Iterator[tuple[RenderedFrame, NDArray[np.floating]]]


def frames_of_dataset(
    dataset: Dataset, reading_id: str, out: Path, *, video: Film | None = None
) -> list[RenderedFrame]:
    """Write the frames of each key frame of a reading, as the dataset was built.

    The clusters in order, where there are several, and last all of the sentence's gaze. They are
    drawn from fixations; a cluster of raw samples that holds none is not drawn. Of a study of
    several images, those of its first.

    Raises
    ------
    UsageError
        The reading does not exist, or OUT does.
    DataError
        It has no key frame, or its image is not in the dataset.
    """
    known = dataset.table("readings", columns=["reading_id", "image_id", "simulated"]).to_pylist()
    reading = _chosen({str(row["reading_id"]): row for row in known}, reading_id)
    rows = [
        row
        for batch in dataset.batches("keyframes")
        for row in batch.to_pylist()
        if row["reading_id"] == reading_id and row["image_id"] == reading["image_id"]
    ]
    if not rows:
        raise DataError("the reading has no key frame", where=reading_id)
    image = _image(dataset, str(reading["image_id"]))
    about = {"preset": "default", **reading}
    grid = (image.shape[0], image.shape[1])
    frames = list(_built(rows, grid, sigma_deg=sigma_deg_of(dataset.info)))
    return write_frames(frames, out, image=image, about=about, video=video)


def sigma_deg_of(info: DatasetInfo) -> float:
    """Return with which sigma a dataset's maps were made."""
    render = info.config.get("render")
    return float(render.get("sigma_deg", 1.0)) if isinstance(render, dict) else 1.0


def gazex_frames_of_sources(
    sources: Sequence[Source],
    reading_id: str,
    out: Path,
    *,
    plan: GazexPlan | None = None,
    video: Film | None = None,
) -> list[RenderedFrame]:
    """Write the frames that the GazeX paper makes of the raw samples of a reading.

    Raises
    ------
    UsageError
        The reading does not exist, or OUT does.
    DataError
        It has no samples, or no frame.
    """
    reading = _loaded(sources, reading_id)
    spoken, record = split_sentences(reading.words), reading.image.record
    made = gazex_frames(
        raw_on_image(reading).on(0),
        spoken,
        image_size=(record.width_px, record.height_px),
        plan=plan,
    )
    origin, texts = reading.reading.onset_us, {s.index: s.text for s in spoken}
    frames = [
        (
            RenderedFrame(
                sentence_id=f"{reading_id}/{frame.sentence_index}",
                sentence_index=frame.sentence_index,
                text=texts[frame.sentence_index],
                order=frame.order,
                holistic=frame.holistic,
                time_us=round(frame.time_us) - origin,
                box_px=frame.box_px,
                centroid_px=frame.centroid_px,
            ),
            frame.heatmap,
        )
        for frame in made
    ]
    if not frames:
        raise DataError("no sentence of the reading has gaze and times", where=reading_id)
    about: dict[str, object] = {
        "reading_id": reading_id,
        "image_id": record.image_id,
        "preset": "gazex",
        "simulated": reading.simulated,
    }
    image = reading.image.load().to_uint8()
    return write_frames(frames, out, image=image, about=about, video=video)


def _built(rows: list[dict[str, Any]], grid: tuple[int, int], *, sigma_deg: float) -> _Frames:
    """Draw the clusters of each sentence in order, where there are several, and all of it last."""
    for row in sorted(rows, key=lambda row: int(row["sentence_index"])):
        clusters = row.get("clusters") or []
        held = set(row.get("fixation_cluster") or ())
        drawn = [c for c in clusters if c["order"] in held] if len(clusters) > 1 else []
        for cluster in drawn:
            order = int(cluster["order"])
            heatmap = keyframe_map(row, grid=grid, order=order, sigma_deg=sigma_deg)
            yield _of_cluster(row, cluster), heatmap
        yield _whole(row, len(drawn)), keyframe_map(row, grid=grid, sigma_deg=sigma_deg)


def _of_cluster(row: dict[str, Any], cluster: dict[str, Any]) -> RenderedFrame:
    return RenderedFrame(
        sentence_id=row["sentence_id"],
        sentence_index=row["sentence_index"],
        text=row["text"],
        order=cluster["order"],
        holistic=False,
        time_us=cluster["time_us"],
        box_px=_box(cluster, ""),
        centroid_px=(cluster["centroid_x_px"], cluster["centroid_y_px"]),
    )


def _whole(row: dict[str, Any], order: int) -> RenderedFrame:
    return RenderedFrame(
        sentence_id=row["sentence_id"],
        sentence_index=row["sentence_index"],
        text=row["text"],
        order=order,
        holistic=True,
        time_us=row.get("gaze_time_us"),
        box_px=_box(row, "gaze_"),
        centroid_px=(row["centroid_x_px"], row["centroid_y_px"]),
    )


def _box(row: dict[str, Any], prefix: str) -> tuple[float, float, float, float] | None:
    if row[f"{prefix}x0_px"] is None:
        return None
    x0, y0, x1, y1 = (float(row[f"{prefix}{name}_px"]) for name in ("x0", "y0", "x1", "y1"))
    return x0, y0, x1, y1


def _image(dataset: Dataset, image_id: str) -> NDArray[np.uint8]:
    for batch in dataset.batches("images", columns=["image_id", "image"], rows=1):
        (row,) = batch.to_pylist()
        if row["image_id"] == image_id and row["image"] and row["image"]["bytes"]:
            with Image.open(io.BytesIO(row["image"]["bytes"])) as picture:
                return np.asarray(picture.convert("L"), np.uint8)
    raise DataError("the image of the reading is not in the dataset", where=image_id)


def _loaded(sources: Sequence[Source], reading_id: str) -> ReadingInput:
    names: list[str] = []
    for source in sources:
        catalogue = source.catalogue()
        known = [reading.reading_id for reading in catalogue.readings]
        if reading_id in known:
            for reading in source.load([reading_id], catalogue):
                return in_display_px(reading)
            raise DataError("the source did not give the reading", where=reading_id)
        names += known
    _chosen({name: {} for name in names}, reading_id)
    raise DataError("no source was given")


def _chosen(known: dict[str, dict[str, object]], reading_id: str) -> dict[str, object]:
    if reading_id not in known:
        hint = (
            did_you_mean(reading_id, list(known)) or f"one of {len(known)}: {next(iter(known), '')}"
        )
        raise UsageError("no such reading", found=reading_id, remedy=hint)
    return known[reading_id]
