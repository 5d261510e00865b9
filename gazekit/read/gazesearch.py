"""How are GazeSearch and GazeIntent read? JSON lists of scanpaths, each the search for a finding.

Both derive from REFLACX and EGD-CXR. Places are whole pixels of the image squashed to 224 x 224,
so that the middle of pixel X lies at ``(X + 0.5) W / 224`` of the original. T holds durations in
seconds and nothing says when a fixation began: onsets are those of fixations without a gap. Degrees
are not published, so that a fixation has no sigma. GazeIntent adds which findings were looked for
at each fixation: rows of category names or ``null``, of which any may name one.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath

import msgspec
import numpy as np
import pyarrow as pa

from gazekit.model.errors import DataError, GazekitError
from gazekit.model.records import (
    Event,
    FindingRecord,
    ImageRecord,
    ReadingRecord,
    ScreenRecord,
    ViewState,
)
from gazekit.model.schemas import empty_table
from gazekit.read.exclusions import Exclusion
from gazekit.read.inputs import GIVEN_FIXATIONS, Catalogue, ReadingInput, nothing_but
from gazekit.read.places import MimicImage
from gazekit.read.published import (
    Held,
    Pseudonyms,
    PublishedImages,
    hash_of,
    need_pseudonyms,
    share_of,
    shares,
)

__all__ = ["GazeSearchSource", "gazesearch_sources", "is_gazesearch"]

_SIDE = 224
_HEAD_BYTES = 4096
_KEYS = (b'"name"', b'"X"', b'"Y"', b'"task"')
_SPLITS = {"train": "train", "valid": "validation", "validation": "validation", "test": "test"}
_READER = "gazesearch-unpublished"
_UNKNOWN = float("nan")
_SCREEN = ScreenRecord(
    width_px=_SIDE,
    height_px=_SIDE,
    width_mm=_UNKNOWN,
    height_mm=_UNKNOWN,
    distance_mm=_UNKNOWN,
)
"""The squashed image stands for the screen; nothing is known of a real one."""


class _Scanpath(msgspec.Struct, frozen=True, kw_only=True):
    """One record; what else it holds (subject, bbox, length ...) is constant and passed over."""

    name: str
    task: str
    x: list[float] = msgspec.field(name="X")
    y: list[float] = msgspec.field(name="Y")
    t: list[float] | None = msgspec.field(name="T", default=None)
    condition: str = "present"
    split: str | None = None
    findings: list[list[str | None]] = []


def is_gazesearch(path: Path) -> bool:
    """Say whether `path` is such a JSON file, or a folder with one."""
    return bool(_files(path))


def gazesearch_sources(
    path: Path, *, images: Path | None = None, pseudonyms: Pseudonyms | None = None
) -> list["GazeSearchSource"]:
    """Return the sources of one file, or of every file of a folder that holds gaze.

    Raises
    ------
    UsageError
        There are no pseudonyms.
    """
    names = need_pseudonyms(pseudonyms, "GazeSearch")
    found: list[GazeSearchSource] = []
    for file in _files(path) or [path]:
        parts = shares(partial(_records, file))
        found += [GazeSearchSource(file, names, images, share) for share in parts]
    return found


@dataclass(frozen=True)
class GazeSearchSource:
    """One share of a file's scanpaths."""

    path: Path
    pseudonyms: Pseudonyms
    images: Path | None = None
    share: int = 0

    @property
    def kind(self) -> str:
        """Its name in ``readings.source``."""
        return "gazesearch"

    def catalogue(self) -> Catalogue:
        """Say which scanpaths and images are there; the images are decoded, which names them."""
        try:
            records = _records(self.path)
        except GazekitError as error:
            found = Exclusion.because(
                "recording", self.path.name, reason="recording_damaged", error=error
            )
            return nothing_but(found)
        images = PublishedImages((self.images, self.path.parent), self.pseudonyms)
        held = Held()
        for index, record in share_of(list(enumerate(records)), self.share):
            name = self._name(index)
            try:
                _check(record, f"{self.path.name}, record {index}")
                image = images.get(_image(record), name)
                if isinstance(image, Exclusion):
                    held.excluded.append(image)
                    continue
            except GazekitError as error:
                held.leave_out(name, error)
                continue
            split = None if record.split is None else _SPLITS[record.split]
            held.add(_reading(name, record, image.record), image, split=split)
        told = {self._name(index): record for index, record in enumerate(records)}
        return held.catalogue([self.path], told=told)

    def load(self, reading_ids: Sequence[str], catalogue: Catalogue) -> Iterator[ReadingInput]:
        """Make these readings, in the order in which they are named."""
        records = {self._name(i): record for i, record in enumerate(_records(self.path))}
        readings = {reading.reading_id: reading for reading in catalogue.readings}
        for name in reading_ids:
            reading, record = readings[name], records[name]
            image = catalogue.images[reading.image_id]
            fixations = _fixations(record, image.record)
            yield ReadingInput(
                reading=reading,
                source="gazeintent" if record.findings else self.kind,
                source_sha256=catalogue.sha256,
                screen=_SCREEN,
                samples=empty_table("samples"),
                views=(_view(image.record, name),),
                image=image,
                simulated=False,
                events=_events(record, fixations),
                findings=tuple(_findings(record, name)),
                dictated=False,
                fixations=fixations,
            )

    def _name(self, index: int) -> str:
        """Name a scanpath after its file and its place in it: the image's number must not show."""
        digest = hash_of([], self.path.name)[:6]
        return f"gazesearch-{digest}-{index:05}"


def _files(path: Path) -> list[Path]:
    """List the files with scanpaths; of a folder those alone that hold durations."""
    if path.is_file():
        return [path] if _starts_right(path) else []
    found = [p for p in sorted(path.glob("*.json")) if _starts_right(p)] if path.is_dir() else []
    return [p for p in found if b'"T"' in _head(p)]


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_HEAD_BYTES).lstrip()


def _starts_right(path: Path) -> bool:
    head = _head(path)
    return head.startswith(b"[") and all(key in head for key in _KEYS)


def _records(path: Path) -> list[_Scanpath]:
    try:
        return msgspec.json.decode(path.read_bytes(), type=list[_Scanpath])
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise DataError(
            f"not a list of scanpaths: {error}", where=path.name,
            remedy="check that the download is complete",
        ) from error  # fmt: skip
    except OSError as error:
        raise DataError("cannot be read", where=path.name, found=error.strerror) from error


def _check(record: _Scanpath, where: str) -> None:
    """Refuse a record whose lists differ in length or that cannot be on the squashed image."""
    if record.t is None:
        raise DataError(
            "there are no durations", where=f"{where}, T",
            remedy="predicted scanpaths are no gaze; build from the dataset's own file",
        )  # fmt: skip
    lengths = {name: len(values) for name, values in zip("XYT", _lists(record), strict=True)}
    if len(set(lengths.values())) > 1 or not record.x:
        raise DataError(
            "the lists do not fit each other", where=where, expected="X, Y, T of one length",
            found=", ".join(f"{name} {count}" for name, count in lengths.items()),
        )  # fmt: skip
    for name, values in zip("XYT", _lists(record), strict=True):
        for value in values:
            if not np.isfinite(value) or (name == "T" and value < 0):
                raise DataError(
                    "the value does not fit", where=f"{where}, {name}",
                    expected="a finite number" if name != "T" else "seconds from 0", found=value,
                )  # fmt: skip
    if record.split is not None and record.split not in _SPLITS:
        raise DataError(
            "no such split", where=f"{where}, split", expected=", ".join(_SPLITS),
            found=record.split[:24],
        )  # fmt: skip


def _lists(record: _Scanpath) -> tuple[list[float], list[float], list[float]]:
    return record.x, record.y, record.t or []


def _image(record: _Scanpath) -> MimicImage:
    return MimicImage(PurePosixPath(record.name.replace("\\", "/")).stem)


def _reading(name: str, record: _Scanpath, image: ImageRecord) -> ReadingRecord:
    return ReadingRecord(
        reading_id=name,
        reader_id=_READER,
        image_id=image.image_id,
        onset_us=0,
        offset_us=round(sum(record.t or ()) * 1e6),
        outcome="complete",
        patient_id=image.patient_id,
        study_id=image.study_id,
    )


def _fixations(record: _Scanpath, image: ImageRecord) -> pa.Table:
    x, y, t = (np.asarray(values, np.float64) for values in _lists(record))
    ends = np.rint(np.cumsum(t) * 1e6).astype(np.int64)
    unknown = np.full(x.size, np.nan)
    inside = (x >= 0) & (x < _SIDE) & (y >= 0) & (y < _SIDE)
    return pa.table(
        {
            "onset_us": np.concatenate([[0], ends[:-1]]),
            "offset_us": ends,
            "x_px": (x + 0.5) * image.width_px / _SIDE,
            "y_px": (y + 0.5) * image.height_px / _SIDE,
            "screen_x_px": x + 0.5,
            "screen_y_px": y + 0.5,
            "sigma_x_px": unknown,
            "sigma_y_px": unknown,
            "shown": inside.astype(np.float64),
            "view_index": np.zeros(x.size, np.int64),
        },
        schema=GIVEN_FIXATIONS,
    )


def _view(image: ImageRecord, name: str) -> ViewState:
    whole = (_SIDE / image.width_px, 0.0, 0.0, 0.0, _SIDE / image.height_px, 0.0)
    return ViewState(
        time_us=0,
        image_id=image.image_id,
        image_to_screen=whole,
        clip_px=(0.0, 0.0, float(_SIDE), float(_SIDE)),
        reading_id=name,
    )


def _events(record: _Scanpath, fixations: pa.Table) -> tuple[Event, ...]:
    """Say what was searched for, and with GazeIntent what at each fixation."""
    made = [
        Event(time_us=0, kind="time_zero", value={"zero": "first_fixation"}),
        Event(time_us=0, kind="task", value={"label": record.task}),
    ]
    onset, offset = (fixations[f"{edge}_us"].to_pylist() for edge in ("onset", "offset"))
    for index in range(len(onset)):
        named = {row[index] for row in record.findings if index < len(row)}
        looked_for = {label for label in named if label is not None and label != "null"}
        made += [
            Event(
                time_us=onset[index],
                kind="intent",
                duration_us=offset[index] - onset[index],
                value={"label": label},
            )
            for label in sorted(looked_for)
        ]
    return tuple(made)


def _findings(record: _Scanpath, name: str) -> Iterator[FindingRecord]:
    """Yield what was searched for and is there; its place is not published."""
    if record.condition == "present":
        label = " ".join(record.task.split("_")).title()
        yield FindingRecord(reading_id=name, label=label, assertion="present", origin="unstated")
