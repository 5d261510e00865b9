"""How is an exclusions file changed so that what a person wrote beside its entries stays?

Lines are changed, not the whole: a comment on a line of its own always stays; one behind a key
stays with the key and goes with its entry.
"""

import re
from collections.abc import Mapping, Sequence

import msgspec

__all__ = ["changed_text"]

_Fields = Mapping[str, str | None]

_HEAD = re.compile(r"\s*\[\[\s*reading\s*\]\]\s*(#.*)?")
_ASIDE = re.compile(r"\s*(#.*)?")
_KEY = re.compile(r"""(\s*(\w+)\s*=\s*)("(?:[^"\\]|\\.)*"|'[^']*')(.*)""")


def changed_text(text: str, held: Mapping[str, _Fields], *, wanted: Mapping[str, _Fields]) -> str:
    """Return the text of an exclusions file with other entries.

    Parameters
    ----------
    text, held
        The file as it is, and its entries in order: by id their keys and values.
    wanted
        The entries that it shall have; those that are missing go, new ones come last.

    Returns
    -------
    str
        What it says is for the caller to check: an entry may be written in a way that lines do
        not show, such as an inline table.
    """
    first, *entries = _parts(text.splitlines())
    lines = [*first]
    for (name, fields), entry in zip(held.items(), entries, strict=False):
        if name not in wanted:
            lines += _asides(entry)
        else:
            lines += entry if wanted[name] == fields else _changed(entry, wanted[name])
    body = "\n".join(lines).rstrip()
    new = ["\n".join(_entry(wanted[name])) for name in wanted if name not in held]
    return "\n\n".join([*([body] if body else []), *new]) + "\n"


def _parts(lines: Sequence[str]) -> list[list[str]]:
    """Part lines before each head of an entry; what stands before the first comes first."""
    parts: list[list[str]] = [[]]
    for line in lines:
        if _HEAD.fullmatch(line):
            parts.append([])
        parts[-1].append(line)
    return parts


def _asides(entry: Sequence[str]) -> list[str]:
    """Return the lines of an entry that goes which are none of it: comments and gaps."""
    kept = [line for line in entry if _ASIDE.fullmatch(line)]
    return kept if any(line.strip() for line in kept) else []


def _changed(entry: Sequence[str], fields: _Fields) -> list[str]:
    lines: list[str] = []
    seen: set[str] = set()
    last = 0
    for line in entry:
        match = _KEY.fullmatch(line)
        if match is not None:
            seen.add(match[2])
            value = fields.get(match[2])
            if value is None:
                continue
            line = f"{match[1]}{_written(value)}{match[4]}"  # noqa: PLW2901 - the line, changed
        lines.append(line)
        if not _ASIDE.fullmatch(line):
            last = len(lines)
    new = [f"{k} = {_written(v)}" for k, v in fields.items() if v is not None and k not in seen]
    return [*lines[:last], *new, *lines[last:]]


def _entry(fields: _Fields) -> list[str]:
    pairs = (f"{key} = {_written(value)}" for key, value in fields.items() if value is not None)
    return ["[[reading]]", *pairs]


def _written(value: str) -> str:
    """Return a string as TOML, which writes it as JSON does."""
    return msgspec.json.encode(value).decode()
