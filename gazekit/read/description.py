"""What does a source description say: which recordings, on which screen, with which images?"""

import sys
from collections import Counter
from pathlib import Path
from typing import Literal

import msgspec

from gazekit.model.config import load_toml
from gazekit.model.errors import DataError, UsageError
from gazekit.model.geometry import check_screen
from gazekit.model.layout import IDENTIFIER, check_identifier
from gazekit.model.records import ScreenRecord

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

__all__ = [
    "Placement",
    "ReadingEntry",
    "RecordingKind",
    "SourceDescription",
    "SourceEntry",
    "is_protocol",
    "load_description",
]

Placement = tuple[float, float, float, float] | Literal["fit"]


RecordingKind = Literal[
    "tobii_tsv",
    "tobii_prolab",
    "tobii_sdk",
    "eyelink_asc",
    "gazepoint",
    "titta_hdf5",
    "bids",
]
"""The kinds of recording that a description can list; `gazekit.read.trackers` reads them."""


class SourceEntry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Table ``[source]``: the kind of the recordings, and whether they were simulated.

    `protocol`: a study protocol, relative to the description; its steps name the sentences'.
    """

    kind: RecordingKind
    simulated: bool = False
    protocol: str | None = None


class ReadingEntry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Table ``[[reading]]``: one recording and the image that was on the screen.

    `recording`, `image`: paths, relative to the description. `reader`, `patient`, `study`:
    pseudonyms. `placement`: x0, y0, x1, y1 of the image on the screen, in screen pixels, or
    ``"fit"``: where the file says it was, else centred, as large as the screen allows. `id`: the
    reading's; made from the reader and the recording's name where absent.

    Where a file holds several recordings or readings: `recording_name` is the recording (Pro
    Lab's "Recording name"), `media` the name of what was shown, `occurrence` which time, from 1.
    `onset`, `offset`: the message (or the start of one) that begins and ends the reading, or the
    moment on the recording's clock in microseconds; each goes before `media`.

    What was said: `report`, a text without times, or `words`, a list with times (CSV with columns
    text, onset_us, offset_us, or the JSON that ``gazekit transcribe`` writes), counted from
    `speech_onset`: a message or a moment, the reading's onset where absent.
    """

    recording: str
    image: str
    reader: str
    placement: Placement = "fit"
    patient: str | None = None
    study: str | None = None
    id: str | None = None
    recording_name: str | None = None
    media: str | None = None
    onset: str | int | None = None
    offset: str | int | None = None
    occurrence: int = 1
    report: str | None = None
    words: str | None = None
    speech_onset: str | int | None = None

    @property
    def reading_id(self) -> str:
        """The reading's identifier."""
        return self.id or f"{self.reader}-{Path(self.recording).stem}"


class SourceDescription(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A whole description, ``source.toml``."""

    source: SourceEntry
    screen: ScreenRecord
    reading: tuple[ReadingEntry, ...]


def is_protocol(path: Path) -> bool:
    """Say whether a file is a study protocol: it has a title or steps, and no source."""
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        return False
    return "source" not in data and bool({"title", "steps", "calibration"} & data.keys())


def load_description(path: Path) -> SourceDescription:
    """Read a source description.

    Raises
    ------
    UsageError
        The file is missing or not TOML, a key is unknown or wrong, an identifier cannot be used,
        or two readings have one.
    """
    description = load_toml(path, SourceDescription)
    _check_screen(description.screen, path.name)
    if not description.reading:
        raise UsageError("there is no reading", where=path.name, remedy="add a [[reading]] table")
    for entry in description.reading:
        _check_pseudonyms(entry, path.name)
        check_identifier(entry.reading_id, "the reading's id")
        _check_placement(entry, path.name)
        _check_selection(entry, path.name)
    counts = Counter(entry.reading_id for entry in description.reading)
    twice = sorted(name for name, count in counts.items() if count > 1)
    if twice:
        raise UsageError(
            "two readings have one id",
            where=path.name,
            found=", ".join(twice),
            remedy='give each its own, as in id = "R01-first"',
        )
    return description


def _check_pseudonyms(entry: ReadingEntry, where: str) -> None:
    """Refuse what can only be a name; it is not repeated, since it may be a patient's."""
    said = {"reader": entry.reader, "patient": entry.patient, "study": entry.study}
    for what, name in said.items():
        if name is not None and not IDENTIFIER.fullmatch(name):
            raise UsageError(
                f"the {what} is no pseudonym",
                where=where,
                expected="1 to 64 letters, digits, '_', '.' or '-'",
                remedy="use a short pseudonym such as R01",
            )


def _check_screen(screen: ScreenRecord, where: str) -> None:
    try:
        check_screen(screen)
    except DataError as error:
        raise UsageError(
            error.what, where=f"{where}: screen", found=error.found, remedy=error.remedy
        ) from error


def _check_placement(entry: ReadingEntry, where: str) -> None:
    if entry.placement == "fit":
        return
    x0, y0, x1, y1 = entry.placement
    if x1 <= x0 or y1 <= y0:
        raise UsageError(
            "the placement is empty",
            where=f"{where}: {entry.reading_id}",
            expected="x0, y0, x1, y1 in screen pixels with x1 > x0 and y1 > y0",
            found=list(entry.placement),
        )


def _check_selection(entry: ReadingEntry, where: str) -> None:
    if entry.occurrence < 1:
        raise UsageError(
            "the occurrence makes no sense",
            where=f"{where}: {entry.reading_id}",
            expected="1 for the first time that it was shown, 2 for the second, ...",
            found=entry.occurrence,
        )
    if entry.report is not None and entry.words is not None:
        raise UsageError(
            "report and words are both given",
            where=f"{where}: {entry.reading_id}",
            expected="report for a text without times, words for a list with times",
        )
