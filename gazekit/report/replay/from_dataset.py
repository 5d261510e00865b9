"""What is there to play of one reading of a built dataset?"""

import io
import math
from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray
from PIL import Image

from gazekit.model.dataset import Dataset
from gazekit.model.errors import DataError
from gazekit.report.replay.choose import chosen
from gazekit.report.replay.frames import keyframes_of
from gazekit.report.replay.lanes import loss_lane, sentence_lane
from gazekit.report.replay.recording import (
    BLINK,
    MISSING,
    NO_IMAGE,
    SEEN,
    Fixation,
    Found,
    GazeSamples,
    Lane,
    Picture,
    Recording,
    Said,
    SaidWord,
    Shown,
    box_of,
)
from gazekit.report.replay.sound import sounds_of_dataset
from gazekit.report.rows import Row, rows_where

__all__ = ["recording_of_dataset"]

_SAMPLE_COLUMNS = ("time_us", "x_px", "y_px", "gap", "blink", "image_id")
_CORNERS = ("x0_px", "y0_px", "x1_px", "y1_px")


def recording_of_dataset(
    dataset: Dataset, reading: str | None = None, *, sound: bool = False
) -> Recording:
    """Read one reading of a dataset: its samples where it holds them, its fixations always.

    Parameters
    ----------
    dataset
        An open dataset.
    reading
        Id of the reading, or its row in table ``readings`` from 0; None where there is only one.
    sound
        Take the sound along that the dataset keeps.

    Raises
    ------
    UsageError
        No such reading, or more than one to choose from.
    DataError
        The dataset holds no picture of its image; or sound is asked for, and there is none.
    """
    names = dataset.table("readings", columns=("reading_id",))["reading_id"].to_pylist()
    name = chosen(names, reading, where=dataset.root.name)
    row, rows = _rows(dataset, "readings", name)[0], _rows(dataset, "fixations", name)
    table = _sample_table(dataset, name)
    looked_at = [str(fixation["image_id"]) for fixation in rows]
    seen = [] if table is None else table.column("image_id").unique().to_pylist()
    image_ids = list(dict.fromkeys([str(row["image_id"]), *looked_at, *seen]))
    samples = None if table is None else _samples(table, image_ids)
    fixations = tuple(_fixation(one, image_ids) for one in rows)
    told = _rows(dataset, "sentences", name)
    sentences = tuple(_said(one) for one in told)
    return Recording(
        reading_id=name,
        reader_id=str(row["reader_id"]),
        duration_us=int(row["duration_us"]),
        pictures=_pictures(dataset, image_ids),
        shown=_shown(fixations, samples),
        screen_px=None,
        fixations=fixations,
        sentences=sentences,
        findings=_findings(row, image_ids),
        steps=dataset.info.steps,
        lanes=_lanes(dataset, sentences, samples),
        simulated=bool(row["simulated"]),
        samples=samples,
        sounds=sounds_of_dataset(dataset, name) if sound else (),
        frames=keyframes_of(_rows(dataset, "keyframes", name), told, image_ids),
        notes=_notes(samples),
    )


def _rows(dataset: Dataset, table: str, name: str) -> list[Row]:
    return rows_where(dataset, table, key="reading_id", values=[name])


def _lanes(
    dataset: Dataset, sentences: Sequence[Said], samples: GazeSamples | None
) -> tuple[Lane, ...]:
    said = sentence_lane(sentences, tuple(dataset.info.steps))
    return (said,) if samples is None else (said, loss_lane(samples))


def _pictures(dataset: Dataset, image_ids: Sequence[str]) -> tuple[Picture, ...]:
    found = {
        str(row["image_id"]): row
        for row in rows_where(dataset, "images", key="image_id", values=image_ids)
    }
    return tuple(_picture(found.get(name), name) for name in image_ids)


def _picture(row: Row | None, image_id: str) -> Picture:
    stored = row["image"] if row else None
    data = stored.get("bytes") if isinstance(stored, Mapping) else None
    if row is None or not data:
        raise DataError(
            "no picture to play on",
            where=image_id,
            remedy="build the dataset with --embed-images",
        )
    pixels = np.asarray(Image.open(io.BytesIO(data)).convert("L"))
    return Picture(image_id, int(row["width_px"]), int(row["height_px"]), pixels)


def _shown(fixations: Sequence[Fixation], samples: GazeSamples | None) -> tuple[Shown, ...]:
    """Tell which image was shown when: from the samples, else from where fixations lie."""
    if samples is not None and samples.time_us.size:
        at = np.flatnonzero(np.diff(samples.image, prepend=samples.image[:1] - 1))
        times = samples.time_us[at].tolist()
        found = list(zip(times, samples.image[at].tolist(), strict=True))
    else:
        found = [(one.onset_us, one.image) for one in fixations]
    shown: list[Shown] = []
    for time_us, image in found:
        if not shown or image != shown[-1].image:
            shown.append(Shown(max(0, time_us) if shown else 0, image))
    return tuple(shown) or (Shown(0, 0),)


def _sample_table(dataset: Dataset, name: str) -> pa.Table | None:
    """Read the rows of a reading's samples; None where the dataset keeps none."""
    if "samples" not in dataset.tables:
        return None
    columns, wanted = list(_SAMPLE_COLUMNS), [("reading_id", "=", name)]
    return pa.concat_tables(
        pq.read_table(path, columns=columns, filters=wanted) for path in dataset.shards("samples")
    )


def _samples(table: pa.Table, image_ids: Sequence[str]) -> GazeSamples:
    """Return samples as they are played.

    A filled gap is a gap here: what was made by interpolation nobody saw.
    """
    x, y = (_floats(table, f"{axis}_px") for axis in "xy")
    gap, blink = (table.column(name).to_numpy(zero_copy_only=False) for name in ("gap", "blink"))
    state = np.where(gap | ~np.isfinite(x), MISSING, SEEN).astype(np.uint8)
    state[blink] = BLINK
    seen = state == SEEN
    image = pc.index_in(table.column("image_id"), pa.array(image_ids, pa.string()))
    return GazeSamples(
        time_us=table.column("time_us").to_numpy(),
        x_px=np.where(seen, x, np.nan),
        y_px=np.where(seen, y, np.nan),
        state=state,
        image=image.to_numpy().astype(np.int16),
    )


def _floats(table: pa.Table, name: str) -> NDArray[np.float64]:
    values: NDArray[np.float64] = table.column(name).to_numpy(zero_copy_only=False)
    return values.astype(np.float64)


def _fixation(row: Row, image_ids: Sequence[str]) -> Fixation:
    return Fixation(
        onset_us=row["onset_us"],
        offset_us=row["offset_us"],
        x_px=_known(row["x_px"]),
        y_px=_known(row["y_px"]),
        sigma_x_px=_known(row["sigma_x_px"]),
        sigma_y_px=_known(row["sigma_y_px"]),
        image=image_ids.index(str(row["image_id"])),
    )


def _known(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def _said(row: Row) -> Said:
    words = [SaidWord(w["text"], w["onset_us"], w["offset_us"]) for w in row["words"] or ()]
    return Said(
        row["text"],
        row["step"],
        row["onset_us"],
        row["offset_us"],
        tuple(words),
        tuple(row["labels"]),
    )


def _findings(row: Row, image_ids: Sequence[str]) -> tuple[Found, ...]:
    findings = row["findings"] or []
    places = row.get("finding_image_id") or [row["image_id"]] * len(findings)
    return tuple(
        Found(
            label=str(one["label"]),
            assertion=str(one["assertion"]),
            origin=str(one["origin"]),
            shape=one["shape"],
            box_px=box_of([one[name] for name in _CORNERS]),
            image=image_ids.index(place) if place in image_ids else NO_IMAGE,
            certainty=one["certainty"],
        )
        for one, place in zip(findings, places, strict=True)
    )


def _notes(samples: GazeSamples | None) -> tuple[str, ...]:
    notes = ["A dataset holds no view states: the whole image is shown, not as the reader had it."]
    if samples is None:
        notes.append(
            "The dataset holds no samples: only fixations are played. Build it with --with-samples."
        )
    return tuple(notes)
