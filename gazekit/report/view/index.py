"""Which readings does a dataset hold, by what a person looks for? Facts only: no gaze, no image."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import pyarrow as pa

from gazekit.model.dataset import Dataset
from gazekit.report.quality import Limits, limits_of, outside
from gazekit.report.rows import Row

__all__ = ["Entry", "Index", "Verdict"]

Verdict = Literal["within", "marginal", "outside"]

_COLUMNS = (
    *("reading_id", "image_id", "reader_id", "split", "report", "findings", "data_loss"),
    *("largest_gap_us", "rms_s2s_deg", "accuracy_deg", "duration_us", "n_fixations"),
    *("n_keyframes", "simulated"),
)


@dataclass(frozen=True)
class Entry:
    """One reading: what it is found by, and what is said of it. `text` is in small letters."""

    reading_id: str
    image_id: str
    reader_id: str
    split: str
    labels: tuple[str, ...]
    verdict: Verdict
    beyond: tuple[str, ...]
    data_loss: float | None
    duration_us: int
    n_fixations: int
    n_keyframes: int
    text: str


@dataclass(frozen=True)
class Index:
    """All readings of a dataset, in the order of their ids, and what can be asked for."""

    entries: tuple[Entry, ...]
    labels: tuple[str, ...]
    readers: tuple[str, ...]
    splits: tuple[str, ...]

    @classmethod
    def of(cls, dataset: Dataset) -> "Index":
        """Read the table of readings, and of it the columns that are needed."""
        limits = limits_of(dataset.info.config)
        entries = sorted(
            (_entry(row, limits) for row in _rows(dataset)), key=lambda entry: entry.reading_id
        )
        return cls(
            entries=tuple(entries),
            labels=tuple(sorted({label for entry in entries for label in entry.labels})),
            readers=tuple(sorted({entry.reader_id for entry in entries})),
            splits=dataset.splits,
        )

    def get(self, reading_id: str) -> Entry | None:
        """Return a reading; None where there is none of that id."""
        return next((entry for entry in self.entries if entry.reading_id == reading_id), None)


def _rows(dataset: Dataset) -> Iterator[Row]:
    for batch in dataset.batches("readings", columns=_COLUMNS):
        yield from pa.Table.from_batches([batch]).to_pylist()


def _entry(row: Row, limits: Limits) -> Entry:
    beyond = tuple(outside(row, limits))
    accuracy = row["accuracy_deg"]
    marginal = accuracy is not None and accuracy > limits.accuracy_deg
    labels = {str(f["label"]) for f in row["findings"] or () if f["assertion"] == "present"}
    words = (row["reading_id"], row["image_id"], row["report"] or "")
    return Entry(
        reading_id=row["reading_id"],
        image_id=row["image_id"],
        reader_id=row["reader_id"],
        split=row["split"],
        labels=tuple(sorted(labels)),
        verdict="outside" if beyond else "marginal" if marginal else "within",
        beyond=beyond,
        data_loss=row["data_loss"],
        duration_us=row["duration_us"],
        n_fixations=row["n_fixations"],
        n_keyframes=row["n_keyframes"],
        text=" ".join(words).casefold(),
    )
