"""Which part of a recording is a reading? By its messages, its moments, or what was shown."""

from collections.abc import Sequence
from dataclasses import dataclass

from gazekit.model.errors import DataError
from gazekit.read.description import ReadingEntry
from gazekit.read.recording import Contents, Presentation, Shown

__all__ = ["Span", "moment_of", "span_of"]


@dataclass(frozen=True)
class Span:
    """A half-open part of a recording, and the states of what was shown in it."""

    onset_us: int
    offset_us: int
    states: tuple[Shown, ...] = ()


def span_of(entry: ReadingEntry, contents: Contents, *, where: str) -> Span:
    """Return the part of a recording that the description means.

    Raises
    ------
    DataError
        The message or medium is not there, several media were shown and none is chosen, or the
        part has no sample.
    """
    if entry.onset is not None or entry.offset is not None:
        span = _bracketed(entry, contents, where)
    else:
        span = _presented(entry, contents, where)
    last = contents.end_us - contents.step_us
    if span.offset_us <= max(span.onset_us, contents.first_us) or span.onset_us > last:
        raise DataError(
            "the reading has no sample",
            where=where,
            expected=f"a part of {contents.first_us} to {last} us",
            found=f"{span.onset_us} to {span.offset_us} us",
        )
    return span


def _presented(entry: ReadingEntry, contents: Contents, where: str) -> Span:
    shown = contents.presentations
    if entry.media is None:
        if not shown:
            return Span(contents.first_us, contents.end_us)
        if len(shown) > 1 and entry.occurrence == 1:
            raise DataError(
                "several media were shown, and none is chosen",
                where=where,
                expected="media = ... in this [[reading]] of the source description",
                found=f"{len(shown)} presentations",
                remedy=f"list them with: gazekit source describe {where}",
            )
    named = [p for p in shown if entry.media is None or entry.media in p.names]
    chosen = _nth(named, entry.occurrence)
    if chosen is None:
        raise DataError(
            "the medium was not shown",
            where=where,
            expected=f"{entry.media!r}, {entry.occurrence} time(s)",
            found=f"{len(named)} time(s)",
            remedy=f"list what was shown with: gazekit source describe {where}",
        )
    return Span(chosen.onset_us, chosen.offset_us, chosen.states)


def _nth(found: Sequence[Presentation], occurrence: int) -> Presentation | None:
    return found[occurrence - 1] if len(found) >= occurrence else None


def _bracketed(entry: ReadingEntry, contents: Contents, where: str) -> Span:
    onset = moment_of(entry.onset, contents, where, occurrence=entry.occurrence, after_us=None)
    onset = contents.first_us if onset is None else onset
    offset = moment_of(entry.offset, contents, where, occurrence=1, after_us=onset)
    offset = contents.end_us if offset is None else min(offset, contents.end_us)
    states = tuple(s for p in contents.presentations for s in p.states if s.time_us < offset)
    return Span(onset, offset, states)


def moment_of(
    mark: str | int | None,
    contents: Contents,
    where: str,
    *,
    occurrence: int,
    after_us: int | None,
) -> int | None:
    """Return a moment on the recording's clock: as it is, or of a message; None where not given.

    Raises
    ------
    DataError
        No message starts so, that often.
    """
    if mark is None or isinstance(mark, int):
        return mark
    times = [
        time
        for time, text in contents.messages()
        if text.startswith(mark) and (after_us is None or time > after_us)
    ]
    if len(times) >= occurrence:
        return times[occurrence - 1]
    raise DataError(
        "the message is not there",
        where=where,
        expected=f"a message that starts with {mark!r}, {occurrence} time(s)",
        found=f"{len(times)} of {len(contents.messages())} messages",
        remedy=f"list them with: gazekit source describe {where}",
    )
