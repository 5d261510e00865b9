"""What can go wrong, in one line each: what, where, expected, found, what to type next.

::

    GazekitError             exit 1   something failed
    |-- UsageError           exit 2   the command line or a configuration file is wrong
    |-- DataError            exit 4   an input does not hold what it should
    |   `-- ProblemsError    exit 4   several of these, collected from one input
    `-- UnfitError           exit 5   this machine lacks something (a package, a display, a device)
"""

import difflib
from collections.abc import Iterable, Sequence

__all__ = [
    "EXIT_DATA",
    "EXIT_EXCLUSIONS",
    "EXIT_FAILED",
    "EXIT_INTERRUPTED",
    "EXIT_OK",
    "EXIT_UNFIT",
    "EXIT_USAGE",
    "DataError",
    "GazekitError",
    "ProblemsError",
    "UnfitError",
    "UsageError",
    "did_you_mean",
]

EXIT_OK = 0
EXIT_FAILED = 1
EXIT_USAGE = 2
EXIT_EXCLUSIONS = 3
EXIT_DATA = 4
EXIT_UNFIT = 5
EXIT_INTERRUPTED = 130


class GazekitError(Exception):
    """Say what is wrong in one line, and what to do about it.

    Parameters
    ----------
    what
        The fault, as a short clause.
    where
        File, row, field, as far as known. Never a patient's or a reader's identity.
    expected, found
        What should stand there, and what does.
    remedy
        What to type or change next.
    """

    exit_code = EXIT_FAILED

    def __init__(
        self,
        what: str,
        *,
        where: object = None,
        expected: object = None,
        found: object = None,
        remedy: str | None = None,
    ) -> None:
        self.what = what
        self.where = where
        self.expected = expected
        self.found = found
        self.remedy = remedy
        super().__init__(self._line())

    def _line(self) -> str:
        head = self.what if self.where is None else f"{self.where}: {self.what}"
        details = [
            f"{name} {value}"
            for name, value in (("expected", self.expected), ("found", self.found))
            if value is not None
        ]
        line = head + (f" ({', '.join(details)})" if details else "")
        if self.remedy:
            line += f". {self.remedy[0].upper()}{self.remedy[1:]}"
        return " ".join(line.split())


class UsageError(GazekitError):
    """The command line or a configuration file is wrong."""

    exit_code = EXIT_USAGE


class DataError(GazekitError):
    """An input does not hold what it should."""

    exit_code = EXIT_DATA


class UnfitError(GazekitError):
    """The machine lacks something that the command needs."""

    exit_code = EXIT_UNFIT


class ProblemsError(DataError):
    """Several problems of one input, collected before raising; one line each in `problems`."""

    def __init__(self, problems: Iterable[GazekitError], *, where: object = None) -> None:
        self.problems = tuple(problems)
        count = len(self.problems)
        first = self.problems[0] if self.problems else "none"
        noun = "problem" if count == 1 else "problems"
        super().__init__(f"{count} {noun}, the first: {first}", where=where)


def did_you_mean(name: str, known: Sequence[str]) -> str | None:
    """Return ``Did you mean 'x'?`` for the nearest known name, or None when none is near."""
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    return f"Did you mean {near[0]!r}?" if near else None
