"""What is true of a simulated reading: tables beside the study, never part of a session."""

from collections.abc import Iterable, Mapping

import pyarrow as pa

from gazekit.synthetic.phantom import Phantom
from gazekit.synthetic.reader import SimulatedReading

__all__ = ["TRUTH_TABLES", "truth_of"]

_BOX = [(name, pa.float64()) for name in ("x0_px", "y0_px", "x1_px", "y1_px")]
_TIMES = [
    ("onset_us", pa.int64()),
    ("offset_us", pa.int64()),
    ("session_onset_us", pa.int64()),
    ("session_offset_us", pa.int64()),
]

TRUTH_TABLES: dict[str, pa.Schema] = {
    "fixations": pa.schema(
        [
            ("reading_id", pa.string()),
            *_TIMES,
            ("x_px", pa.float64()),
            ("y_px", pa.float64()),
            ("sentence_index", pa.int32()),
            ("label", pa.string()),
        ]
    ),
    "sentences": pa.schema(
        [
            ("reading_id", pa.string()),
            ("sentence_index", pa.int32()),
            *_TIMES,
            ("text", pa.string()),
            ("step", pa.string()),
            ("labels", pa.list_(pa.string())),
            *_BOX,
        ]
    ),
    "words": pa.schema(
        [
            ("reading_id", pa.string()),
            ("index", pa.int32()),
            *_TIMES,
            ("text", pa.string()),
        ]
    ),
    "findings": pa.schema(
        [
            ("reading_id", pa.string()),
            ("image_id", pa.string()),
            ("label", pa.string()),
            ("side", pa.string()),
            ("zone", pa.string()),
            *_BOX,
        ]
    ),
    "images": pa.schema(
        [
            ("reading_id", pa.string()),
            ("image_id", pa.string()),
            ("patient_id", pa.string()),
            ("study_id", pa.string()),
            ("width_px", pa.int32()),
            ("height_px", pa.int32()),
            ("photometric", pa.string()),
            ("seed", pa.int64()),
        ]
    ),
}
"""Times from the reading's onset, and on the session clock where so named; boxes in image px."""


def truth_of(
    phantom: Phantom,
    reading: SimulatedReading,
    *,
    reading_id: str,
    origin_us: int,
    photometric: str,
) -> dict[str, pa.Table]:
    """Return the truth tables of one reading.

    Parameters
    ----------
    phantom, reading
        What was read, and how.
    reading_id
        Key to the session.
    origin_us
        The reading's onset on the session clock.
    photometric
        Of the file among the study's images.
    """
    rows: dict[str, Iterable[Mapping[str, object]]] = {
        "fixations": (
            row | _times(row["onset_us"], row["offset_us"], origin_us)
            for row in reading.fixations.to_pylist()
        ),
        "sentences": _sentences(reading, origin_us),
        "words": (
            {"index": w.index, "text": w.text} | _times(w.onset_us, w.offset_us, origin_us)
            for w in reading.words
        ),
        "findings": (
            {"label": p.label, "side": p.side, "zone": p.zone} | _box(p.box)
            for p in phantom.placements
        ),
        "images": [_image(phantom, photometric)],
    }
    common = {"reading_id": reading_id, "image_id": phantom.display.record.image_id}
    return {
        name: pa.Table.from_pylist([dict(row) | common for row in rows[name]], schema=schema)
        for name, schema in TRUTH_TABLES.items()
    }


def _times(onset_us: int | None, offset_us: int | None, origin_us: int) -> dict[str, object]:
    if onset_us is None or offset_us is None:
        return {"onset_us": None, "offset_us": None}
    return {
        "onset_us": onset_us,
        "offset_us": offset_us,
        "session_onset_us": origin_us + onset_us,
        "session_offset_us": origin_us + offset_us,
    }


def _box(box: tuple[float, float, float, float]) -> dict[str, object]:
    return dict(zip(("x0_px", "y0_px", "x1_px", "y1_px"), box, strict=True))


def _sentences(reading: SimulatedReading, origin_us: int) -> Iterable[Mapping[str, object]]:
    for index, sentence in enumerate(reading.sentences):
        yield {
            "sentence_index": index,
            "text": sentence.text,
            "step": sentence.step,
            "labels": list(sentence.labels),
            **_times(sentence.onset_us, sentence.offset_us, origin_us),
            **_box(sentence.hull),
        }


def _image(phantom: Phantom, photometric: str) -> Mapping[str, object]:
    record = phantom.display.record
    return {
        "patient_id": record.patient_id,
        "study_id": record.study_id,
        "width_px": record.width_px,
        "height_px": record.height_px,
        "photometric": photometric,
        "seed": phantom.seed,
    }
