"""What does a built dataset hold for training: one sample a reading, its sentences and its gaze."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from gazekit.model.dataset import Dataset
from gazekit.model.errors import DataError

__all__ = [
    "Fixations",
    "Sample",
    "Sentence",
    "donors",
    "load_samples",
    "nth_gaze",
    "sentence_labels",
]

_Floats = NDArray[np.float64]

_FIXATION_COLUMNS = (
    "fixation_x_px",
    "fixation_y_px",
    "fixation_duration_us",
    "fixation_sigma_x_px",
    "fixation_sigma_y_px",
)
_TRUTH = frozenset({"human", "simulated"})
"""Who may say where a finding is; a box that was derived from gaze is never truth."""


@dataclass(frozen=True)
class Fixations:
    """The fixations of a key frame: image pixels, weights in microseconds; shape (n,) each."""

    x_px: _Floats
    y_px: _Floats
    weight: _Floats
    sigma_x_px: _Floats
    sigma_y_px: _Floats


@dataclass(frozen=True)
class Sentence:
    """One dictated sentence; `fixations` is None where it has no key frame.

    `boxes`: (label, x0, y0, x1, y1) of its placed findings, image pixels, never from gaze.
    """

    text: str
    labels: frozenset[str]
    fixations: Fixations | None
    boxes: tuple[tuple[str, float, float, float, float], ...] = ()


@dataclass(frozen=True)
class Sample:
    """One reading: its sentences, in order, and its image: row `image_row` of the split's."""

    reading_id: str
    patient: str
    image_id: str
    image_row: int
    image_size: tuple[int, int]
    sentences: tuple[Sentence, ...]


def load_samples(dataset: Dataset, split: str) -> list[Sample]:
    """Return the readings of a split that have sentences, in the stored order.

    Raises
    ------
    DataError
        The split does not exist or has no reading with a sentence, or an image is missing.
    """
    images = dataset.table("images", split, columns=["image_id", "width_px", "height_px"])
    rows = {row["image_id"]: (i, row) for i, row in enumerate(images.to_pylist())}
    sentences = _sentences(dataset, split)
    readings = dataset.table("readings", split, columns=["reading_id", "image_id", "patient_id"])
    samples = []
    for reading in readings.to_pylist():
        dictated = sentences.get(reading["reading_id"])
        if not dictated:
            continue
        if reading["image_id"] not in rows:
            raise DataError(
                "a reading's image is not in the dataset",
                where=f"{dataset.root.name}, {reading['image_id']}",
                remedy="check it with: gazekit verify DATASET",
            )
        index, image = rows[reading["image_id"]]
        samples.append(
            Sample(
                reading_id=reading["reading_id"],
                patient=reading["patient_id"] or reading["image_id"],
                image_id=reading["image_id"],
                image_row=index,
                image_size=(image["width_px"], image["height_px"]),
                sentences=tuple(dictated),
            )
        )
    if not samples:
        raise DataError(
            f"the {split} split has no reading with sentences",
            where=dataset.root.name,
            remedy="build a dataset with more patients, or choose another split",
        )
    return samples


def donors(samples: Sequence[Sample], *, seed: int) -> list[int]:
    """Return for each sample another one, of another image: whose gaze the control borrows.

    Raises
    ------
    DataError
        All samples show one image.
    """
    if len({sample.image_id for sample in samples}) < 2:  # noqa: PLR2004 - one and another
        raise DataError("shuffled gaze needs readings of at least two images", found=1)
    cycle = np.random.default_rng(seed).permutation(len(samples))
    out = [0] * len(samples)
    for place, index in enumerate(cycle):
        later = (int(cycle[(place + k) % len(cycle)]) for k in range(1, len(cycle)))
        own = samples[index].image_id
        out[index] = next(other for other in later if samples[other].image_id != own)
    return out


def nth_gaze(giver: Sample, index: int) -> Fixations | None:
    """Return the gaze of a reading's sentence `index`, round again where it has fewer."""
    return giver.sentences[index % len(giver.sentences)].fixations


def sentence_labels(samples: Sequence[Sample]) -> list[tuple[str, frozenset[str]]]:
    """Return every sentence with its labels."""
    return [(s.text, s.labels) for sample in samples for s in sample.sentences]


def _sentences(dataset: Dataset, split: str) -> dict[str, list[Sentence]]:
    columns = ["sentence_id", "reading_id", "sentence_index", "text", "labels"]
    table = dataset.table("sentences", split, columns=columns)
    gaze = _keyframes(dataset, split)
    found: dict[str, list[tuple[int, Sentence]]] = defaultdict(list)
    for row in table.to_pylist():
        fixations, boxes = gaze.get(row["sentence_id"], (None, ()))
        sentence = Sentence(row["text"], frozenset(row["labels"]), fixations, boxes)
        found[row["reading_id"]].append((row["sentence_index"], sentence))
    return {
        reading: [sentence for _, sentence in sorted(rows, key=lambda row: row[0])]
        for reading, rows in found.items()
    }


def _keyframes(dataset: Dataset, split: str) -> dict[str, tuple[Fixations, Any]]:
    columns = ["sentence_id", "findings", *_FIXATION_COLUMNS]
    table = dataset.table("keyframes", split, columns=columns)
    series = zip(*(_ragged(table[name]) for name in _FIXATION_COLUMNS), strict=True)
    rows = zip(table["sentence_id"].to_pylist(), table["findings"].to_pylist(), series, strict=True)
    return {key: (Fixations(*values), _boxes(findings)) for key, findings, values in rows}


def _ragged(column: pa.ChunkedArray) -> list[_Floats]:
    """Return one float64 array a row of a list column."""
    lists = column.combine_chunks()
    values = lists.flatten().to_numpy(zero_copy_only=False).astype(np.float64)
    ends = np.cumsum(lists.value_lengths().to_numpy(zero_copy_only=False))
    return np.split(values, ends[:-1]) if len(lists) else []


def _boxes(findings: list[dict[str, Any]]) -> tuple[tuple[str, float, float, float, float], ...]:
    sides = ("x0_px", "y0_px", "x1_px", "y1_px")
    return tuple(
        (finding["label"], *(float(finding[side]) for side in sides))
        for finding in findings
        if finding["origin"] in _TRUTH and all(finding[side] is not None for side in sides)
    )
