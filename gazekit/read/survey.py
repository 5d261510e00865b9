"""What is in a source, before anything is built from it?"""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

import msgspec
import numpy as np

from gazekit.model.errors import GazekitError
from gazekit.model.records import ScreenRecord
from gazekit.quality import effective_rate_hz
from gazekit.read.delimited import Delimited
from gazekit.read.exclusions import REASONS, Exclusion
from gazekit.read.inputs import Catalogue, ReadingInput, Source
from gazekit.read.kinds import SourceOptions
from gazekit.read.open import open_sources, source_kind
from gazekit.read.recording import contents_of
from gazekit.read.trackers import TRACKERS, open_recording, recording_kind

__all__ = ["Problem", "Survey", "survey"]

_READINGS_LOOKED_INTO = 3
_MOST_TABLES = 24
_MOST_FILES = 4000
_TABLES = {".csv": ",", ".tsv": "\t"}
_ANY_SCREEN = ScreenRecord(
    width_px=1920, height_px=1080, width_mm=530.0, height_mm=300.0, distance_mm=650.0
)
"""Rates and columns do not depend on the screen, but a recording is opened with one."""


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """What will be left out: the reason, how often, and the first line that says so."""

    reason: str
    meaning: str
    count: int
    first: str


class Survey(msgspec.Struct, frozen=True, kw_only=True):
    """What a path holds.

    `minutes`: from onset to offset, of all readings; `rates_hz` and `assumptions`: of the first
    readings; `columns`: by table or file name. Of one tracker's recording: `shown`, how often each
    medium was, and `messages`, the first words of its messages and how often; a description
    chooses readings by these.
    """

    kind: str
    says: str
    readings: int = 0
    images: int = 0
    patients: int = 0
    readers: int = 0
    minutes: float = 0.0
    rates_hz: tuple[float, ...] = ()
    splits: dict[str, int] = {}
    assumptions: tuple[str, ...] = ()
    columns: dict[str, tuple[str, ...]] = {}
    shown: dict[str, int] = {}
    messages: dict[str, int] = {}
    problems: tuple[Problem, ...] = ()


def survey(path: Path, *, kind: str | None = None, options: SourceOptions | None = None) -> Survey:
    """Look into a source; identifiers do not come out of it.

    Parameters
    ----------
    path
        Anything that `open_sources` takes, or one tracker's recording.
    kind
        What it is; told by the content where None.
    options
        Where images lie, and pseudonyms; none of those leave this function.

    Raises
    ------
    UsageError
        Nothing known is there.
    DataError
        A recording cannot be read.
    """
    tracker = recording_kind(path) if kind is None else None
    if tracker is not None:
        return _recording(path, tracker)
    found = source_kind(path, kind)
    held = [(s, s.catalogue()) for s in open_sources(path, kind=kind, options=options)]
    readings = [reading for _, catalogue in held for reading in catalogue.readings]
    excluded = [e for _, catalogue in held for e in catalogue.excluded]
    looked, failed = _looked_into(held)
    spans = [r.offset_us - r.onset_us for r in readings if r.offset_us is not None]
    return Survey(
        kind=found.name,
        says=found.says,
        readings=len(readings),
        images=len({name for _, catalogue in held for name in catalogue.images}),
        patients=len({r.patient_id for r in readings if r.patient_id is not None}),
        readers=len({r.reader_id for r in readings}),
        minutes=round(sum(spans) / 60e6, 3),
        rates_hz=tuple(sorted({rate for reading in looked for rate in _rate(reading)})),
        splits=dict(Counter(s for _, c in held for s in c.splits.values())),
        assumptions=tuple(dict.fromkeys(a for reading in looked for a in _assumed(reading))),
        columns={**_columns(path), **_as_read(looked)},
        problems=_problems([*excluded, *failed]),
    )


def _recording(path: Path, tracker: str) -> Survey:
    known = {name: kind for name, kind in TRACKERS.items() if name == tracker}
    (name, kind), *_ = known.items()
    contents = contents_of(open_recording(name, path, screen=_ANY_SCREEN))
    return Survey(
        kind=name,
        says=kind.says,
        readings=len(contents.presentations),
        images=len({n for shown in contents.presentations for n in shown.names[:1]}),
        minutes=round((contents.end_us - contents.first_us) / 60e6, 3),
        rates_hz=(contents.rate_hz,),
        columns=_columns(path),
        shown=dict(Counter(shown.names[0] for shown in contents.presentations)),
        messages=dict(Counter(_first_word(text) for _, text in contents.messages())),
        problems=(
            Problem(
                reason="image_missing",
                meaning=REASONS["image_missing"],
                count=1,
                first=f"list the recording in a source.toml with kind = {name!r} and its image",
            ),
        ),
    )


def _first_word(text: str) -> str:
    return (text.split(maxsplit=1) or [""])[0]


def _looked_into(
    held: Sequence[tuple[Source, Catalogue]],
) -> tuple[list[ReadingInput], list[Exclusion]]:
    """Load the first readings; what fails is a problem, not an end."""
    looked: list[ReadingInput] = []
    failed: list[Exclusion] = []
    for source, catalogue in held:
        for reading in catalogue.readings:
            if len(looked) + len(failed) >= _READINGS_LOOKED_INTO:
                return looked, failed
            try:
                looked += source.load([reading.reading_id], catalogue)
            except GazekitError as error:
                failed.append(
                    Exclusion.because(
                        "reading", reading.reading_id, reason="reading_damaged", error=error
                    )
                )
    return looked, failed


def _rate(reading: ReadingInput) -> Iterator[float]:
    time = reading.samples.column("time_us").to_numpy()
    rate = effective_rate_hz(np.asarray(time, np.int64))
    if rate is not None:
        yield round(rate, 2)


def _as_read(looked: Sequence[ReadingInput]) -> dict[str, tuple[str, ...]]:
    """Return the columns that gaze has once read; of fixations where these are all there is."""
    found: dict[str, tuple[str, ...]] = {}
    for reading in looked:
        if reading.fixations is not None:
            found["fixations, as read"] = tuple(reading.fixations.column_names)
        elif reading.samples.num_rows:
            found["samples, as read"] = tuple(reading.samples.column_names)
    return found


def _assumed(reading: ReadingInput) -> Iterator[str]:
    if reading.fixations is not None:
        yield f"{reading.source}: the source's own fixations, nothing is detected"
    for event in reading.events:
        if event.kind == "time_zero":
            yield f"times count from: {event.value.get('zero')}"
        if event.kind == "canvas_height":
            yield f"the canvas is {event.value.get('px')} px high, neither 1024 nor 1080"


def _columns(path: Path) -> dict[str, tuple[str, ...]]:
    """List the columns of the tables under a path, each name of a file once."""
    if path.is_file():
        files = iter([path])
    else:
        files = islice((p for p in path.rglob("*") if p.suffix in _TABLES), _MOST_FILES)
    found: dict[str, tuple[str, ...]] = {}
    for file in sorted(files):
        if file.name in found or len(found) >= _MOST_TABLES or file.suffix not in _TABLES:
            continue
        try:
            names = Delimited(file, _TABLES[file.suffix]).header()
        except GazekitError:
            continue
        found[file.name] = tuple(name for name in names if name)
    return found


def _problems(excluded: Sequence[Exclusion]) -> tuple[Problem, ...]:
    counts = Counter(e.reason for e in excluded)
    first = {e.reason: e.detail for e in reversed(excluded)}
    return tuple(
        Problem(reason=reason, meaning=REASONS[reason], count=count, first=first[reason])
        for reason, count in sorted(counts.items())
    )
