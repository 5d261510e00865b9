"""What may stand in a protocol file? One page, made from the records that read it."""

import types
from collections.abc import Iterator
from typing import Annotated, Literal, Union, get_args, get_origin

import msgspec

from capture.protocol_meanings import MEANINGS
from gazekit.model.protocol import Protocol
from gazekit.model.vocabulary import ABCDEF, FINDING_LABELS

__all__ = ["protocol_page"]

_HEAD = """# Study protocols

<!-- made by: capture protocol schema > docs/protocols.md; a test compares the two -->

A protocol is a TOML file that says everything about a session which is not the reader: which images
in which order, how the eyes are calibrated and how good that must be, how a reading goes, what the
reader's hands may do, and when a reading is good enough to count. It is given by path, copied byte
for byte into each session, and named in it by its SHA-256.

```sh
capture protocol check my_study.toml   # every fault with its key, its line and the near name
capture protocol show my_study.toml    # every value that will hold, defaults included
capture doctor my_study.toml           # the station against it, and its images
```

`protocols/` holds four to start from: `cxr_abcdef.toml` (chest radiographs in the ABCDEF order),
`cxr_free_reading.toml` (in the reader's own order), `calibration_only.toml` (how well does this
station track?) and `pilot_mouse.toml` (the mouse in place of the eyes, to try a study out).

A key that is left out has its default. Unknown keys are refused. Paths are relative to the file.
Grey values are 0 (black) to 1 (white), shares are 0 to 1, angles are degrees of visual angle.
"""
_ARRAY = (list, tuple)


def protocol_page() -> str:
    """Return the page as Markdown; what it says of a section is the record's own docstring."""
    parts = [_HEAD, *_sections(Protocol, "", array=False), _words()]
    return "\n".join(parts)


def _sections(struct: type[msgspec.Struct], path: str, *, array: bool) -> Iterator[str]:
    fields = msgspec.structs.fields(struct)
    title = f"[[{path}]]" if array else f"[{path}]"
    yield f"## `{title}`\n" if path else "## At the top of the file\n"
    yield f"{_doc(struct)}\n"
    plain = [field for field in fields if _struct_in(field.type) is None]
    if plain:
        yield "| key | what it takes | default | what it does |\n|---|---|---|---|"
        yield from (_row(field, path) for field in plain)
        yield ""
    for field in fields:
        inner = _struct_in(field.type)
        if inner is not None:
            name = f"{path}.{field.encode_name}" if path else field.encode_name
            yield from _sections(inner, name, array=get_origin(field.type) in _ARRAY)


def _doc(struct: type[msgspec.Struct]) -> str:
    lines = [line.strip() for line in (struct.__doc__ or "").strip().splitlines()]
    return "\n".join(lines)


def _row(field: msgspec.structs.FieldInfo, path: str) -> str:
    key = f"{path}.{field.encode_name}" if path else field.encode_name
    kind = _words_of(field.type).replace("|", "\\|")
    return f"| `{field.encode_name}` | {kind} | {_default(field)} | {MEANINGS.get(key, '')} |"


def _default(field: msgspec.structs.FieldInfo) -> str:
    if field.required:
        return "must be given"
    if field.default is None:
        return "none"
    if field.default is msgspec.NODEFAULT:
        return "`[]`"
    return f"`{msgspec.json.encode(field.default).decode()}`"


def _struct_in(kind: object) -> type[msgspec.Struct] | None:
    """Return the record that stands in this place, alone or several times; None for a value."""
    for option in _options(kind):
        inner = get_args(option)[0] if get_origin(option) in _ARRAY else option
        if isinstance(inner, type) and issubclass(inner, msgspec.Struct):
            return inner
    return None


def _options(kind: object) -> list[object]:
    options = get_args(kind) if get_origin(kind) in {Union, types.UnionType} else (kind,)
    return [option for option in options if option is not type(None)]


def _words_of(kind: object) -> str:
    """Say in words what values a type takes."""
    return " or ".join(_one(option) for option in _options(kind))


def _one(kind: object) -> str:
    names = {int: "whole number", float: "number", str: "text", bool: "true or false"}
    if get_origin(kind) is Annotated:
        inner, *notes = get_args(kind)
        return _one(inner) + "".join(_range(note) for note in notes)
    if get_origin(kind) is Literal:
        return ", ".join(f"`{msgspec.json.encode(word).decode()}`" for word in get_args(kind))
    if get_origin(kind) in _ARRAY:
        items = get_args(kind)
        if Ellipsis in items:
            return f"list of {_one(items[0])}"
        return f"list of {len(items)}: {', '.join(dict.fromkeys(_one(item) for item in items))}"
    if get_origin(kind) is dict:
        return "table"
    return names.get(kind, str(kind)) if isinstance(kind, type) else str(kind)


def _range(note: object) -> str:
    if not isinstance(note, msgspec.Meta):
        return ""
    bounds = (
        ("at least", note.ge),
        ("more than", note.gt),
        ("at most", note.le),
        ("less than", note.lt),
        ("characters at least", note.min_length),
        ("characters at most", note.max_length),
        ("pattern", note.pattern),
    )
    return "".join(f", {name} {_plain(value)}" for name, value in bounds if value is not None)


def _plain(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _words() -> str:
    steps = ", ".join(f"{code} {name}" for code, name in ABCDEF.items())
    labels = ", ".join(FINDING_LABELS)
    return (
        "## Words of the field\n\n"
        f"The review order that `cxr_abcdef.toml` starts from: {steps}.\n\n"
        f"Labels of findings, the field's 14 observation classes: {labels}.\n"
    )
