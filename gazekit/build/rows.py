"""How do the results of one reading stand in the columns of the tables?"""

from collections.abc import Iterable, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from gazekit.align import Sentence
from gazekit.align.fixations import FixationTable
from gazekit.clean import Gaze
from gazekit.model.geometry import angle_deg
from gazekit.model.records import FindingRecord, ImageRecord
from gazekit.model.schemas import schema_of
from gazekit.quality import data_loss, effective_rate_hz, largest_gap_us
from gazekit.read import ReadingInput

__all__ = [
    "finding_rows",
    "fixation_table",
    "given_reading_row",
    "image_row",
    "reading_row",
    "sentence_row",
]


def fixation_table(
    fixations: FixationTable,
    ids: dict[str, object],
    *,
    images: Sequence[ImageRecord],
    origin_us: int,
) -> pa.Table:
    """Make table ``fixations`` of one reading, each on its own of `images`; times from `origin_us`.

    What was looked at while no image was shown has the first.
    """
    schema, n = schema_of("fixations"), len(fixations)
    onset, offset = fixations.onset_us - origin_us, fixations.offset_us - origin_us
    columns: dict[str, object] = {
        "fixation_id": [f"{ids['reading_id']}/{i}" for i in range(n)],
        **{name: [value] * n for name, value in ids.items()},
        "image_id": [images[place].image_id for place in fixations.image_index.tolist()],
        "fixation_index": np.arange(n),
        "onset_us": onset,
        "offset_us": offset,
        "duration_us": offset - onset,
    }
    arrays = [
        pa.array(_cast(columns.get(f.name, getattr(fixations, f.name, None)), f.type), f.type)
        for f in schema
    ]
    return pa.Table.from_arrays(arrays, schema=schema)


def reading_row(source: ReadingInput, gaze: Gaze, events: pa.Table) -> dict[str, object]:
    """Return what table ``readings`` says of a reading, without its ids, report and counts."""
    reading = source.reading
    time = source.samples.column("time_us").to_numpy()
    valid = _any_eye(source.samples)
    end = reading.offset_us if reading.offset_us is not None else int(time[-1]) + 1
    return {
        **_facts(source, end_us=end),
        "rate_hz": effective_rate_hz(time) or 0.0,
        "data_loss": data_loss(valid),
        "largest_gap_us": largest_gap_us(time, valid),
        "rms_s2s_deg": _rms_in_fixations(gaze, events, source),
        "distance_mm": float(np.median(gaze.distance_mm)),
    }


def given_reading_row(source: ReadingInput) -> dict[str, object]:
    """Return the same where a source gave fixations and no samples; NaN is what nobody knows."""
    end = source.reading.offset_us
    if end is None:
        end = max(source.fixations.column("offset_us").to_pylist()) if source.fixations else 0
    return {
        **_facts(source, end_us=end),
        "rate_hz": float("nan"),
        "data_loss": float("nan"),
        "largest_gap_us": 0,
        "rms_s2s_deg": None,
        "distance_mm": source.screen.distance_mm,
    }


def _facts(source: ReadingInput, *, end_us: int) -> dict[str, object]:
    reading, screen = source.reading, source.screen
    return {
        "study_id": reading.study_id,
        "session_id": reading.session_id,
        "source": source.source,
        "order": reading.order,
        "outcome": reading.outcome,
        "simulated": source.simulated,
        "origin_us": reading.onset_us,
        "duration_us": end_us - reading.onset_us,
        "findings": finding_rows(source.findings),
        "finding_image_id": [f.image_id or reading.image_id for f in source.findings],
        "accuracy_deg": source.accuracy_deg,
        "screen_width_px": screen.width_px,
        "screen_height_px": screen.height_px,
        "screen_width_mm": screen.width_mm,
        "screen_height_mm": screen.height_mm,
    }


def sentence_row(sentence: Sentence, origin_us: int) -> dict[str, object]:
    """Return what table ``sentences`` says of a sentence itself; times from `origin_us`."""

    def since(time_us: int | None) -> int | None:
        return None if time_us is None else time_us - origin_us

    return {
        "sentence_index": sentence.index,
        "text": sentence.text,
        "onset_us": since(sentence.onset_us),
        "offset_us": since(sentence.offset_us),
        "words": [
            {"text": w.text, "onset_us": since(w.onset_us), "offset_us": since(w.offset_us)}
            for w in sentence.words
        ],
    }


def finding_rows(findings: Iterable[FindingRecord]) -> list[dict[str, object]]:
    """Return findings as they stand in a list column."""
    names = ("label", "assertion", "origin", "certainty", "shape")
    boxes = ("x0_px", "y0_px", "x1_px", "y1_px")
    return [{name: getattr(f, name) for name in (*names, *boxes)} for f in findings]


def image_row(record: ImageRecord, *, split: str, png: bytes | None) -> dict[str, object]:
    """Return a row of table ``images``; without `png` its pixels are left out."""
    row_mm, column_mm = record.pixel_spacing_mm or (None, None)
    shared = (
        "image_id", "patient_id", "study_id", "width_px", "height_px", "sha256", "photometric",
        "bits_stored", "window_low", "window_high", "window_source", "modality", "view_position",
    )  # fmt: skip
    return {
        **{name: getattr(record, name) for name in shared},
        "split": split,
        "row_spacing_mm": row_mm,
        "column_spacing_mm": column_mm,
        "image": None if png is None else {"bytes": png, "path": f"{record.image_id}.png"},
    }


def _cast(values: object, kind: pa.DataType) -> object:
    if isinstance(values, np.ndarray):
        return values.astype(kind.to_pandas_dtype())
    return values


def _any_eye(samples: pa.Table) -> NDArray[np.bool_]:
    left, right = (samples.column(f"{eye}_x_px").to_numpy() for eye in ("left", "right"))
    either: NDArray[np.bool_] = np.isfinite(left) | np.isfinite(right)
    return either


def _rms_in_fixations(gaze: Gaze, events: pa.Table, source: ReadingInput) -> float | None:
    """Return RMS-S2S over all pairs of measured samples inside one fixation."""
    fixations = events.filter(pc.equal(events.column("kind"), "fixation"))
    onset, offset = (fixations.column(f"{e}_us").to_numpy() for e in ("onset", "offset"))
    if onset.size == 0:
        return None
    owner = np.searchsorted(onset, gaze.time_us, side="right") - 1
    inside = (owner >= 0) & (gaze.time_us < offset[owner]) & gaze.valid & ~gaze.filled
    pair = inside[1:] & inside[:-1] & (owner[1:] == owner[:-1])
    if not pair.any():
        return None
    x, y = gaze.x_px, gaze.y_px
    angle = angle_deg(
        source.screen,
        x[:-1][pair],
        y[:-1][pair],
        x[1:][pair],
        y[1:][pair],
        distance_mm=gaze.distance_mm[1:][pair],
    )
    return float(np.sqrt(np.mean(angle**2)))
