"""What does a built dataset hold for training: one sample a reading, its sentences and its gaze."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from gazekit.model.dataset import Dataset
from gazekit.model.errors import DataError

__all__ = [
    "Finding",
    "Fixations",
    "Gaps",
    "Place",
    "Sample",
    "Sentence",
    "donors",
    "load_corpus",
    "load_samples",
    "nth_gaze",
    "nth_sentence",
    "sentence_labels",
]

_Floats = NDArray[np.float64]
_Box = tuple[float, float, float, float]
_Image = tuple[int, int, int]

_FIXATION_COLUMNS = (
    "fixation_x_px",
    "fixation_y_px",
    "fixation_duration_us",
    "fixation_sigma_x_px",
    "fixation_sigma_y_px",
)
_PLACE_COLUMNS = (
    "gaze_x0_px", "gaze_y0_px", "gaze_x1_px", "gaze_y1_px", "centroid_x_px", "centroid_y_px",
)  # fmt: skip
_TRUTH = frozenset({"human", "simulated"})
"""Who may say where a finding is; a box that was derived from gaze is never truth."""


@dataclass(frozen=True)
class Fixations:
    """The fixations of a key frame, in order: image pixels, weights in microseconds; (n,) each.

    `cluster`: int64, the cluster of each, -1 for none; None where a dataset has no clusters.
    """

    x_px: _Floats
    y_px: _Floats
    weight: _Floats
    sigma_x_px: _Floats
    sigma_y_px: _Floats
    cluster: NDArray[np.int64] | None = None

    def of_cluster(self, cluster: int) -> "Fixations":
        """Return those of one cluster."""
        mine = np.zeros(self.x_px.size, bool) if self.cluster is None else self.cluster == cluster
        arrays = (self.x_px, self.y_px, self.weight, self.sigma_x_px, self.sigma_y_px)
        return Fixations(*(array[mine] for array in arrays))


@dataclass(frozen=True)
class Place:
    """Where gaze dwelt, in image pixels; from gaze, so that it is never truth."""

    box: _Box
    centroid: tuple[float, float]


@dataclass(frozen=True)
class Finding:
    """What somebody judged of a reading; `box` in image pixels, None where it has no place."""

    label: str
    assertion: str
    box: _Box | None


@dataclass(frozen=True)
class Sentence:
    """One dictated sentence; `fixations` is None where it has no key frame.

    `boxes`: (label, x0, y0, x1, y1) of its placed findings, image pixels, never from gaze.
    `step`: the letter of the review step. `clues`: the places of its gaze in order, `observation`
    that of all of it.
    """

    text: str
    labels: frozenset[str]
    fixations: Fixations | None
    boxes: tuple[tuple[str, float, float, float, float], ...] = ()
    step: str | None = None
    clues: tuple[Place, ...] = ()
    observation: Place | None = None


@dataclass(frozen=True)
class Sample:
    """One reading: its sentences, in order, and its image: row `image_row` of the split's.

    `findings`: those that somebody judged, never from gaze or text. `complete`: a label without a
    finding is absent, which is so of a simulation alone.
    """

    reading_id: str
    patient: str
    image_id: str
    image_row: int
    image_size: tuple[int, int]
    sentences: tuple[Sentence, ...]
    findings: tuple[Finding, ...] = ()
    complete: bool = False


@dataclass(frozen=True)
class Gaps:
    """What a split lacks: readings left out, and sentences without a gaze target of their own."""

    no_image: int
    no_sentence: int
    sentences: int
    no_gaze: int

    def __str__(self) -> str:
        """Say what is missing, in one line; empty where nothing is."""
        parts = {
            f"{self.no_image} readings of images that are not there, left out": self.no_image,
            f"{self.no_sentence} readings without a sentence, left out": self.no_sentence,
            f"{self.no_gaze} of {self.sentences} sentences without gaze, masked": self.no_gaze,
        }
        return "; ".join(words for words, count in parts.items() if count)


def load_samples(dataset: Dataset, split: str) -> list[Sample]:
    """Return the readings of a split that have sentences and an image, in the stored order.

    Raises
    ------
    DataError
        The split does not exist, or no reading of it has both.
    """
    return load_corpus(dataset, split)[0]


def load_corpus(dataset: Dataset, split: str) -> tuple[list[Sample], Gaps]:
    """Return what `load_samples` does, and what had to be left out or will be masked."""
    rows = _images(dataset, split)
    sentences = _sentences(dataset, split)
    columns = [
        *("reading_id", "image_id", "patient_id", "findings", "finding_image_id", "simulated")
    ]
    samples: list[Sample] = []
    no_image = no_sentence = 0
    for reading in dataset.table("readings", split, columns=columns).to_pylist():
        dictated = sentences.get(reading["reading_id"])
        if reading["image_id"] not in rows:
            no_image += 1
        elif not dictated:
            no_sentence += 1
        else:
            samples.append(_sample(reading, rows[reading["image_id"]], dictated))
    if not samples:
        raise DataError(
            f"the {split} split has no reading with sentences and an image",
            where=dataset.root.name,
            found=f"{no_image} without an image, {no_sentence} without a sentence",
            remedy="build a dataset with more patients, or choose another split",
        )
    spoken = [sentence for sample in samples for sentence in sample.sentences]
    no_gaze = sum(sentence.fixations is None for sentence in spoken)
    return samples, Gaps(no_image, no_sentence, len(spoken), no_gaze)


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
    return nth_sentence(giver, index).fixations


def nth_sentence(giver: Sample, index: int) -> Sentence:
    """Return a reading's sentence `index`, round again where it has fewer."""
    return giver.sentences[index % len(giver.sentences)]


def sentence_labels(samples: Sequence[Sample]) -> list[tuple[str, frozenset[str]]]:
    """Return every sentence with its labels."""
    return [(s.text, s.labels) for sample in samples for s in sample.sentences]


def _sample(reading: dict[str, Any], image: _Image, dictated: list[Sentence]) -> Sample:
    row, width, height = image
    return Sample(
        reading_id=reading["reading_id"],
        patient=reading["patient_id"] or reading["image_id"],
        image_id=reading["image_id"],
        image_row=row,
        image_size=(width, height),
        sentences=tuple(dictated),
        findings=tuple(
            Finding(finding["label"], finding["assertion"], _box(finding))
            for finding in _on_first(reading)
            if finding["origin"] in _TRUTH
        ),
        complete=bool(reading["simulated"]),
    )


def _on_first(reading: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the findings on the image that a sample shows, the first of its study."""
    findings, first = reading["findings"] or [], reading["image_id"]
    places = reading["finding_image_id"] or [first] * len(findings)
    return [found for found, place in zip(findings, places, strict=True) if place == first]


def _images(dataset: Dataset, split: str) -> dict[str, _Image]:
    """Return row, width and height of the images."""
    table = dataset.table("images", split, columns=["image_id", "width_px", "height_px"])
    return {
        image["image_id"]: (row, image["width_px"], image["height_px"])
        for row, image in enumerate(table.to_pylist())
    }


def _sentences(dataset: Dataset, split: str) -> dict[str, list[Sentence]]:
    columns = ["sentence_id", "reading_id", "sentence_index", "text", "labels", "step", "image_id"]
    table = dataset.table("sentences", split, columns=columns)
    readings = dataset.table("readings", split, columns=["reading_id", "image_id"]).to_pylist()
    first = {row["reading_id"]: row["image_id"] for row in readings}
    gaze = _keyframes(dataset, split)
    found: dict[str, list[tuple[int, Sentence]]] = defaultdict(list)
    for row in table.to_pylist():
        # Gaze on a further image of a study is none on the first, which alone is shown.
        if row["image_id"] != first.get(row["reading_id"]):
            gaze.pop(row["sentence_id"], None)
        sentence = Sentence(
            row["text"],
            frozenset(row["labels"]),
            step=row["step"],
            **gaze.get(row["sentence_id"], {"fixations": None}),
        )
        found[row["reading_id"]].append((row["sentence_index"], sentence))
    return {
        reading: [sentence for _, sentence in sorted(rows, key=lambda row: row[0])]
        for reading, rows in found.items()
    }


def _keyframes(dataset: Dataset, split: str) -> dict[str, dict[str, Any]]:
    """Return what a key frame adds to its sentence, by the sentence's id."""
    columns = ["sentence_id", "findings", "clusters", *_PLACE_COLUMNS, *_FIXATION_COLUMNS]
    table = dataset.table("keyframes", split, columns=[*columns, "fixation_cluster"])
    series = zip(*(_ragged(table[name]) for name in _FIXATION_COLUMNS), strict=True)
    clusters = table["fixation_cluster"].to_pylist()
    rows = table.select(columns[: -len(_FIXATION_COLUMNS)]).to_pylist()
    return {
        row["sentence_id"]: {
            "fixations": replace(Fixations(*values), cluster=_clusters(numbers)),
            "boxes": _boxes(row["findings"]),
            "clues": _places(row["clusters"] or ()),
            "observation": _place({name.removeprefix("gaze_"): v for name, v in row.items()}),
        }
        for row, numbers, values in zip(rows, clusters, series, strict=True)
    }


def _clusters(numbers: list[int | None] | None) -> NDArray[np.int64] | None:
    if numbers is None:
        return None
    return np.array([-1 if n is None else n for n in numbers], np.int64)


def _places(clusters: Sequence[dict[str, Any]]) -> tuple[Place, ...]:
    places = (_place(c) for c in sorted(clusters, key=lambda c: c["order"]))
    return tuple(place for place in places if place is not None)


def _place(row: dict[str, Any]) -> Place | None:
    box, x, y = _box(row), row["centroid_x_px"], row["centroid_y_px"]
    return None if box is None or x is None or y is None else Place(box, (float(x), float(y)))


def _box(row: dict[str, Any]) -> _Box | None:
    x0, y0, x1, y1 = (row[f"{side}_px"] for side in ("x0", "y0", "x1", "y1"))
    if x0 is None or y0 is None or x1 is None or y1 is None:
        return None
    return float(x0), float(y0), float(x1), float(y1)


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
