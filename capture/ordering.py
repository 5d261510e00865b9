"""In which order does this reader get the studies? Drawn from the seed, the same at any time."""

import random
import re
from collections.abc import Sequence
from typing import TypeVar

from gazekit.model.errors import UsageError
from gazekit.model.protocol import ImagePlan

__all__ = ["latin_row", "number_of", "ordered"]

_T = TypeVar("_T")


def number_of(reader_id: str, given: int | None) -> int:
    """Return the row of a counterbalanced order: `given`, else the number in the reader's code.

    Raises
    ------
    UsageError
        None is given, and the code ends in no number.
    """
    if given is not None:
        return given
    digits = re.search(r"([0-9]+)\D*$", reader_id)
    if digits is None:
        raise UsageError(
            "the reader's code has no number to counterbalance by",
            where="--reader",
            remedy="give --session-number, such as 0 for the first reader",
        )
    return int(digits[1])


def latin_row(size: int, row: int) -> list[int]:
    """Return a row of a balanced Latin square over 0 to size - 1.

    Every item stands in every place equally often over `size` rows, and follows every other
    equally often over `size` rows, or 2 `size` where `size` is odd (Williams 1949).
    """
    if size == 0:
        return []
    first = [0]
    low, high = 1, size - 1
    while len(first) < size:
        first.append(low if len(first) % 2 else high)
        low, high = (low + 1, high) if len(first) % 2 == 0 else (low, high - 1)
    shift = row % size
    line = [(item + shift) % size for item in first]
    return line[::-1] if size % 2 and (row // size) % 2 else line


def ordered(items: Sequence[_T], plan: ImagePlan, *, seed: int, number: int) -> list[_T]:
    """Return the items in the order that the protocol asks for.

    Parameters
    ----------
    seed
        Decides everything that is drawn.
    number
        Which reader or session it is: the row of the Latin square, and part of the draw where
        each reader gets another order.
    """
    if plan.order == "given":
        return list(items)
    shuffled = list(items)
    if plan.order == "by_reader":
        _generator(seed, number).shuffle(shuffled)
        return shuffled
    random.Random(seed).shuffle(shuffled)  # noqa: S311 - an order, no secret
    if plan.order == "latin_square":
        return [shuffled[place] for place in latin_row(len(shuffled), number)]
    if plan.order == "blocks":
        blocks = [shuffled[start :: plan.blocks] for start in range(plan.blocks)]
        for block in blocks:
            _generator(seed, number).shuffle(block)
        return [item for place in latin_row(plan.blocks, number) for item in blocks[place]]
    return shuffled


def _generator(seed: int, number: int) -> random.Random:
    return random.Random(f"{seed} {number}")  # noqa: S311 - an order, no secret
