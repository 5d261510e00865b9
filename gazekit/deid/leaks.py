"""Does anything that was built hold an identifier that the sources held?"""

import re
from collections.abc import Iterable
from pathlib import Path

from gazekit.deid.identifiers import Identifiers
from gazekit.deid.texts import texts_of
from gazekit.deid.words import tokens_of
from gazekit.model.errors import DataError

__all__ = ["find_leaks", "kinds_in"]

_HASH = re.compile(r"[0-9a-f]{16}|[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64}")
"""Hexadecimal of the length of a hash: any row of digits stands in one by chance."""

_INNER = 8
_STAMPS = (12, 14)
"""Digits of a date with its time, to the minute or the second."""


def find_leaks(
    root: Path, identifiers: Identifiers, *, apart: Iterable[str] = ()
) -> list[DataError]:
    """Return one line for each kind of identifier in each place under `root`; [] when clean.

    A line says which file and column, and which kind of identifier; never the identifier.

    Parameters
    ----------
    root
        A folder; names of files count as text too.
    identifiers
        What is looked for.
    apart
        Texts that are known to be no leak, such as the moment of the build.
    """
    if not identifiers:
        return []
    known = tuple(apart)
    found: dict[tuple[str, str], None] = {}
    for path in sorted(p for p in root.rglob("*") if p.is_file()):
        name = path.relative_to(root).as_posix()
        # A file's name may be the leak itself: it is shown without what follows its folder.
        for kind in kinds_in(name, identifiers):
            found[_folder(name), kind] = None
        seen: set[str] = set()
        for place, text in texts_of(path):
            for piece in known:
                text = text.replace(piece, " ")  # noqa: PLW2901 - the same text, cleared
            for kind in kinds_in(text, identifiers, seen=seen):
                found[f"{name}: {place}" if place else name, kind] = None
    return [_leak(where, kind) for where, kind in found]


def kinds_in(text: str, identifiers: Identifiers, *, seen: set[str] | None = None) -> set[str]:
    """Return the kinds of the identifiers in a text; `seen` keeps words from a second look."""
    seen = set() if seen is None else seen
    tokens = tokens_of(text)
    kinds = set(identifiers.found_in(tokens))
    for token in set(tokens) - seen:
        if token.isdigit() and len(token) in _STAMPS:
            kinds |= set(identifiers.found_in([token[:_INNER]]))
        if len(token) >= _INNER and not token.isdigit() and not _HASH.fullmatch(token):
            inside = set(identifiers.found_inside(token))
            kinds |= inside
            if inside:
                continue
        seen.add(token)
    return kinds


def _folder(name: str) -> str:
    return f"a file name in {name.rpartition('/')[0] or 'the top folder'}"


def _leak(where: str, kind: str) -> DataError:
    return DataError(
        f"an identifier that the sources hold is in the output: {kind}",
        where=where,
        remedy="take it out of the source, or give the reading another id",
    )
