"""How is a number that stands in a report said aloud?"""

import re

__all__ = ["number_words"]

_ONES = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_TENS = "zero ten twenty thirty forty fifty sixty seventy eighty ninety".split()  # noqa: SIM905
_ORDINALS = {
    "one": "first",
    "two": "second",
    "three": "third",
    "five": "fifth",
    "eight": "eighth",
    "nine": "ninth",
    "twelve": "twelfth",
}
_INTEGER = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+")
_DECIMAL = re.compile(r"([0-9]*)\.([0-9]+)")
_ORDINAL = re.compile(r"([0-9]{1,4})(?:st|nd|rd|th)", re.IGNORECASE)
_CLOCK = re.compile(r"([0-9]{1,2}):([0-9]{2})")
_MOST_DIGITS = 6
_CENTURY = 100
_YEARS = range(1100, 2100)
_ROUND = range(2000, 2010)


def number_words(text: str) -> tuple[tuple[str, ...], ...]:
    """Return the ways in which a number is said, the likeliest first; () when it is none.

    Whole numbers (``12``, ``1,200``, a year in both ways), decimals (``3.5``: three point five),
    ordinals (``2nd``), and times of day (``10:30``). Longer than six digits: digit by digit.
    """
    if match := _ORDINAL.fullmatch(text):
        return (_ordinal(_cardinal(int(match[1]))),)
    if match := _CLOCK.fullmatch(text):
        hour = _cardinal(int(match[1]))
        return (hour,) if match[2] == "00" else ((*hour, *_minutes(match[2])),)
    if match := _DECIMAL.fullmatch(text):
        return _decimal(match[1], match[2])
    if _INTEGER.fullmatch(text):
        return _integer(text.replace(",", ""))
    return ()


def _integer(digits: str) -> tuple[tuple[str, ...], ...]:
    if len(digits) > _MOST_DIGITS or (len(digits) > 1 and digits.startswith("0")):
        return (_digits(digits), _digits(digits, zero="oh"))
    value = int(digits)
    ways = [_cardinal(value)]
    if value in _YEARS and value not in _ROUND:
        ways.append((*_cardinal(value // _CENTURY), *_minutes(digits[2:])))
    return tuple(ways)


def _decimal(whole: str, part: str) -> tuple[tuple[str, ...], ...]:
    point = ("point", *_digits(part))
    if not whole or int(whole) == 0:
        return (("zero", *point), point)
    ways = [(*_cardinal(int(whole)), *point)] if len(whole) <= _MOST_DIGITS else []
    return tuple(ways) or ((*_digits(whole), *point),)


def _minutes(two: str) -> tuple[str, ...]:
    if two == "00":
        return ("hundred",)
    return ("oh", _ONES[int(two)]) if two.startswith("0") else _cardinal(int(two))


def _digits(text: str, zero: str = "zero") -> tuple[str, ...]:
    return tuple(zero if digit == "0" else _ONES[int(digit)] for digit in text)


def _cardinal(value: int) -> tuple[str, ...]:
    for size, name in ((1000, "thousand"), (100, "hundred")):
        if value >= size:
            rest = _cardinal(value % size) if value % size else ()
            return (*_cardinal(value // size), name, *rest)
    if value < len(_ONES):
        return (_ONES[value],)
    return (_TENS[value // 10], *((_ONES[value % 10],) if value % 10 else ()))


def _ordinal(words: tuple[str, ...]) -> tuple[str, ...]:
    last = words[-1]
    said = _ORDINALS.get(last) or (last[:-1] + "ieth" if last.endswith("y") else f"{last}th")
    return (*words[:-1], said)
