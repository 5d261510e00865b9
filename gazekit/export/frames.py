"""Which frames does a reading have? From a dataset as it was built, from raw samples anew."""

import io
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from gazekit.align import split_sentences
from gazekit.align.gazex import GazexPlan, gazex_frames
from gazekit.align.raw import raw_on_image
from gazekit.model.dataset import Dataset
from gazekit.model.errors import DataError, UsageError, did_you_mean
from gazekit.model.heatmap import render_heatmap
from gazekit.read import ReadingInput, Source, in_display_px
from gazekit.render import RenderedFrame, write_frames

__all__ = ["frames_of_dataset", "gazex_frames_of_sources"]

_Frames = Iterator[tuple[RenderedFrame, NDArray[np.floating]]]


def frames_of_dataset(
    dataset: Dataset, reading_id: str, out: Path, *, video: bool = False
) -> list[RenderedFrame]:
    """Write one frame for each key frame of a reading, as the dataset was built.

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
        if row["reading_id"] == reading_id
    ]
    if not rows:
        raise DataError("the reading has no key frame", where=reading_id)
    image = _image(dataset, str(reading["image_id"]))
    about = {"preset": "default", **reading}
    frames = list(_built(rows, (image.shape[0], image.shape[1])))
    return write_frames(frames, out, image=image, about=about, video=video)


def gazex_frames_of_sources(
    sources: Sequence[Source],
    reading_id: str,
    out: Path,
    *,
    plan: GazexPlan | None = None,
    video: bool = False,
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
        raw_on_image(reading),
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


def _built(rows: list[dict[str, object]], grid: tuple[int, int]) -> _Frames:
    for row in sorted(rows, key=lambda row: str(row["sentence_index"]).zfill(9)):
        x, y, weight, sigma_x, sigma_y = (
            np.asarray(row[f"fixation_{name}"], np.float64)
            for name in ("x_px", "y_px", "duration_us", "sigma_x_px", "sigma_y_px")
        )
        heatmap = render_heatmap(
            x,
            y,
            weight=weight,
            sigma_x_px=sigma_x,
            sigma_y_px=sigma_y,
            image_size=_pair(row, "image_width_px", "image_height_px"),
            grid=grid,
            normalise="max",
        )
        onset = np.asarray(row["fixation_onset_us"], np.float64)
        yield (
            _listed(row, time_us=round(float(weight @ (onset + weight / 2) / weight.sum()))),
            heatmap,
        )


def _pair(row: dict[str, object], first: str, second: str) -> tuple[float, float]:
    return float(str(row[first])), float(str(row[second]))


def _listed(row: dict[str, object], *, time_us: int) -> RenderedFrame:
    box = None
    if row["gaze_x0_px"] is not None:
        box = (*_pair(row, "gaze_x0_px", "gaze_y0_px"), *_pair(row, "gaze_x1_px", "gaze_y1_px"))
    return RenderedFrame(
        sentence_id=str(row["sentence_id"]),
        sentence_index=int(str(row["sentence_index"])),
        text=str(row["text"]),
        order=0,
        holistic=True,
        time_us=time_us,
        box_px=box,
        centroid_px=_pair(row, "centroid_x_px", "centroid_y_px"),
    )


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
