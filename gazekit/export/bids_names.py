"""What are subject, session and run called in BIDS? Letters and digits only, and never twice."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gazekit.model.errors import DataError

__all__ = ["TASK", "RunNames", "run_names"]

TASK = "reading"
"""What every participant did."""

_OTHER = re.compile(r"[^A-Za-z0-9]")


@dataclass(frozen=True)
class RunNames:
    """The entities of one run; the subject is the reader, whose eyes were recorded."""

    subject: str
    session: str | None
    run: int

    @property
    def folder(self) -> str:
        """The run's folder, from the root."""
        parts = [f"sub-{self.subject}"]
        if self.session is not None:
            parts.append(f"ses-{self.session}")
        return "/".join([*parts, "beh"])

    def file(self, suffix: str, *, recording: str | None = None) -> str:
        """Return a file's name; `recording` stands apart the two eyes."""
        parts = [f"sub-{self.subject}"]
        if self.session is not None:
            parts.append(f"ses-{self.session}")
        parts += [f"task-{TASK}", f"run-{self.run:02d}"]
        if recording is not None:
            parts.append(f"recording-{recording}")
        return "_".join([*parts, suffix])


def run_names(readings: Sequence[Mapping[str, object]]) -> dict[str, RunNames]:
    """Name the run of each reading, in the order in which they were read.

    Raises
    ------
    DataError
        Two readers, or two sessions of one, have the same letters and digits.
    """
    _check_distinct({str(r["reader_id"]) for r in readings}, "reader_id")
    _check_distinct({str(r["session_id"]) for r in readings if r["session_id"]}, "session_id")
    counts: Counter[tuple[str, str | None]] = Counter()
    names: dict[str, RunNames] = {}
    for row in sorted(readings, key=lambda r: (str(r["session_id"]), _order(r), _origin(r))):
        subject = _label(str(row["reader_id"]))
        session = None if row["session_id"] is None else _label(str(row["session_id"]))
        counts[subject, session] += 1
        names[str(row["reading_id"])] = RunNames(subject, session, counts[subject, session])
    return names


def _order(row: Mapping[str, object]) -> int:
    return row["order"] if isinstance(row["order"], int) else 0


def _origin(row: Mapping[str, object]) -> int:
    return row["origin_us"] if isinstance(row["origin_us"], int) else 0


def _label(text: str) -> str:
    return _OTHER.sub("", text)


def _check_distinct(names: set[str], column: str) -> None:
    twice = [label for label, n in Counter(map(_label, names)).items() if n > 1 or not label]
    if twice:
        raise DataError(
            "BIDS takes letters and digits only, and two names differ in other signs",
            where=f"readings.{column}",
            found=", ".join(repr(label) for label in sorted(twice)),
        )
