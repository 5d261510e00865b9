"""Which reading of several is meant: by its id, or by its place in order?"""

from collections.abc import Sequence

from gazekit.model.errors import UsageError, did_you_mean

__all__ = ["chosen"]

_FIRST = 3


def chosen(names: Sequence[str], reading: str | None, *, where: str) -> str:
    """Return the id that `reading` means: an id, a place from 0, or None for the only one.

    Raises
    ------
    UsageError
        It means none of `names`, or there is more than one and nothing is said.
    """
    if reading is None:
        if len(names) == 1:
            return names[0]
        some = ", ".join(names[:_FIRST]) + (", ..." if len(names) > _FIRST else "")
        raise UsageError(
            "which reading?",
            where=where,
            expected=f"one of {len(names)}: {some}",
            remedy="name it behind the folder, or give its place in order, from 0",
        )
    if reading in names:
        return reading
    if reading.isdecimal() and int(reading) < len(names):
        return names[int(reading)]
    raise UsageError("no such reading", where=reading, remedy=did_you_mean(reading, names))
