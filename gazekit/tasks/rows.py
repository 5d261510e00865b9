"""Which rows of a dataset belong to one reading? Its report and its key frames, by key."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from gazekit.model.dataset import Dataset
from gazekit.model.errors import DataError

__all__ = ["ReadingRows", "readings_of", "refuse_old"]

_READING = (
    "reading_id", "image_id", "patient_id", "split", "report", "findings", "finding_image_id",
)  # fmt: skip
_KEYFRAME = (
    "keyframe_id", "reading_id", "image_id", "sentence_index", "text", "findings", "clusters",
    "fixation_cluster", "image_width_px", "image_height_px", "fixation_x_px", "fixation_y_px",
    "fixation_duration_us", "fixation_sigma_x_px", "fixation_sigma_y_px",
    "gaze_x0_px", "gaze_y0_px", "gaze_x1_px", "gaze_y1_px", "centroid_x_px", "centroid_y_px",
)  # fmt: skip
_MINOR_WITH_CLUSTERS = 1


@dataclass(frozen=True)
class ReadingRows:
    """One reading: its row, and those of its key frames by the order of their sentences.

    A sentence without gaze has no key frame and takes no other's: each row names its sentence.
    A sample shows one image, the reading's first: key frames and findings on further images of
    its study are left out.
    """

    reading: Mapping[str, Any]
    keyframes: tuple[Mapping[str, Any], ...]

    @property
    def reading_id(self) -> str:
        """The reading."""
        return str(self.reading["reading_id"])


def refuse_old(dataset: Dataset) -> None:
    """Raise DataError where a dataset has no clusters, since it was built before schema 1.1."""
    if int(dataset.info.schema_version.split(".")[1]) < _MINOR_WITH_CLUSTERS:
        raise DataError(
            "its key frames hold no clusters",
            where=dataset.root.name,
            expected="schema 1.1 or later",
            found=dataset.info.schema_version,
            remedy="build it again with: gazekit build",
        )


def readings_of(dataset: Dataset, split: str) -> Iterator[ReadingRows]:
    """Yield the readings of a split in the stored order, a few at a time.

    Raises
    ------
    DataError
        The key frames of a reading do not stand together.
    """
    keyframes = groupby(_rows(dataset, "keyframes", split, _KEYFRAME), lambda r: r["reading_id"])
    held = next(keyframes, None)
    for reading in _rows(dataset, "readings", split, _READING):
        rows: list[Mapping[str, Any]] = []
        if held is not None and held[0] == reading["reading_id"]:
            rows = sorted(held[1], key=lambda row: row["sentence_index"])
            held = next(keyframes, None)
        image_id = reading["image_id"]
        own = tuple(row for row in rows if row["image_id"] == image_id)
        yield ReadingRows({**reading, "findings": _findings_on(reading, image_id)}, own)
    if held is not None:
        raise DataError("key frames stand apart from their reading", where=held[0])


def _findings_on(reading: Mapping[str, Any], image_id: str) -> list[Mapping[str, Any]]:
    findings = reading["findings"] or []
    places = reading["finding_image_id"] or [image_id] * len(findings)
    return [found for found, place in zip(findings, places, strict=True) if place == image_id]


def _rows(
    dataset: Dataset, table: str, split: str, columns: tuple[str, ...]
) -> Iterator[Mapping[str, Any]]:
    for batch in dataset.batches(table, split, columns=columns, rows=200):
        yield from batch.to_pylist()
