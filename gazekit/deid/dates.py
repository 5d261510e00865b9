"""In which spellings may a date stand in a text?"""

import datetime as dt
import re
from collections.abc import Iterator

__all__ = ["date_of", "date_spellings"]

_MONTHS = (
    *("january", "february", "march", "april", "may", "june", "july"),
    *("august", "september", "october", "november", "december"),
)
_EARLIEST = 1880
_DIGITS = re.compile(r"(\d{4})[-./]?(\d{2})[-./]?(\d{2})")


def date_of(text: str) -> dt.date | None:
    """Read a DICOM date, or the date of a DICOM date-time; None where there is none.

    Dates before 1880 are dummies, such as 00010101.
    """
    match = _DIGITS.match(text.strip())
    try:
        found = dt.date(*map(int, match.groups())) if match else None
    except ValueError:
        return None
    return found if found is not None and found.year >= _EARLIEST else None


def date_spellings(date: dt.date) -> Iterator[tuple[str, ...]]:
    """Yield the spellings of a date, each as the words and numbers in it; separators are free.

    Year first, day first, month first; digits with and without leading zeros, or the month's
    name, whole or its first three letters, and the day as an ordinal. No years of two digits:
    "12 3 85" is found in any column of numbers.
    """
    yield (f"{date:%Y%m%d}",)
    yield (f"{date:%d%m%Y}",)
    yield (f"{date:%m%d%Y}",)
    year, month, day = str(date.year), date.month, date.day
    days = {str(day), f"{day:02d}"}
    for m in {str(month), f"{month:02d}"}:
        for d in days:
            yield from ((year, m, d), (d, m, year), (m, d, year))
    named = [*days, *(f"{d}{_ordinal(day)}" for d in days)]
    for m in {_MONTHS[month - 1], _MONTHS[month - 1][:3]}:
        for d in named:
            yield from ((d, m, year), (m, d, year), (d, "of", m, year), (year, m, d))


def _ordinal(day: int) -> str:
    if day in (11, 12, 13):
        return "th"
    return {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
