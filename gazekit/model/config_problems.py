"""Everything that is wrong with a TOML file, each with its key, its line and the near name."""

import re
import sys
import types
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Literal, Union, get_args, get_origin

import msgspec

from gazekit.model.config import read_toml_text
from gazekit.model.errors import UsageError, did_you_mean

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

__all__ = ["ConfigProblem", "config_problems", "line_of"]

_HEADER = re.compile(r"\s*(\[{1,2})\s*([^\]]+?)\s*\]{1,2}\s*(#.*)?$")
_KEY = re.compile(r"\s*([A-Za-z0-9_.\"'-]+)\s*=")


class ConfigProblem(msgspec.Struct, frozen=True, kw_only=True):
    """One fault: `key` as ``calibration.points``, `line` from 1, None where it has none."""

    key: str
    what: str
    line: int | None = None
    remedy: str | None = None

    def as_error(self, file: str) -> UsageError:
        """Return it as the line that a user reads."""
        place = file if self.line is None else f"{file} line {self.line}"
        return UsageError(self.what, where=f"{place}: {self.key}", remedy=self.remedy)


def config_problems(path: Path, struct: type[msgspec.Struct]) -> list[ConfigProblem]:
    """Return every unknown key, missing key and wrong value of a TOML file; [] when it is sound.

    Raises
    ------
    UsageError
        The file is missing, or is not UTF-8 text.
    """
    text = read_toml_text(path)
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"line (\d+)", str(error))
        line = int(found.group(1)) if found else None
        return [ConfigProblem(key="TOML", what=f"not valid TOML: {error}", line=line)]
    return [
        ConfigProblem(key=key, what=what, line=line_of(text, key), remedy=remedy)
        for key, what, remedy in _in_struct(data, struct, "")
    ]


def line_of(text: str, key: str) -> int | None:
    """Return the line, from 1, on which `key` (as ``steps[1].code``) stands in TOML text.

    A key that is not there has the line of the table that it would stand in.
    """
    wanted = key
    while True:
        for line, name in _keys_of(text):
            if name == wanted:
                return line
        parent = re.sub(r"(\.[^.\[\]]+|\[\d+\])$", "", wanted)
        if parent == wanted:
            return None
        wanted = parent


def _keys_of(text: str) -> Iterator[tuple[int, str]]:
    """Yield (line, full name) of every table and key."""
    table, count = "", dict[str, int]()
    for line, words in enumerate(text.splitlines(), start=1):
        if header := _HEADER.match(words):
            table = header.group(2).replace('"', "")
            if header.group(1) == "[[":
                count[table] = count.get(table, -1) + 1
                table = f"{table}[{count[table]}]"
            yield line, table
        elif found := _KEY.match(words):
            name = found.group(1).replace('"', "")
            yield line, f"{table}.{name}" if table else name


def _in_struct(
    data: Mapping[str, object], struct: type[msgspec.Struct], path: str
) -> Iterator[tuple[str, str, str | None]]:
    fields = {field.encode_name: field for field in msgspec.structs.fields(struct)}
    for name, value in data.items():
        if name not in fields:
            near = did_you_mean(name, list(fields)) or f"Known keys: {', '.join(fields)}"
            yield f"{path}{name}", "unknown key", near
        else:
            yield from _in_value(value, fields[name].type, f"{path}{name}")
    for name, field in fields.items():
        if field.required and name not in data:
            yield f"{path}{name}", "the key is missing", f"Write it{_under(path)}"


def _under(path: str) -> str:
    return f" under [{path.rstrip('.')}]" if path else " at the top of the file"


def _in_value(value: object, kind: object, path: str) -> Iterator[tuple[str, str, str | None]]:
    for option in _options(kind):
        is_struct = isinstance(option, type) and issubclass(option, msgspec.Struct)
        if is_struct and isinstance(value, Mapping):
            yield from _in_struct(value, option, f"{path}.")  # type: ignore[arg-type]
            return
        if get_origin(option) in {list, tuple} and isinstance(value, list):
            inner = get_args(option)[0]
            if isinstance(inner, type) and issubclass(inner, msgspec.Struct):
                for index, item in enumerate(value):
                    yield from _in_value(item, inner, f"{path}[{index}]")
                return
    try:
        msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        what, _, at = str(error).partition(" - at ")
        inner_path = at.strip("`").removeprefix("$")
        yield f"{path}{inner_path}", f"{what[0].lower()}{what[1:]}", _near_value(value, kind)


def _near_value(value: object, kind: object) -> str | None:
    """Suggest the near one of a closed set of words."""
    known = [
        str(word)
        for option in _options(kind)
        if get_origin(option) is Literal
        for word in get_args(option)
    ]
    if not known:
        return None
    return did_you_mean(str(value), known) or f"Known values: {', '.join(known)}"


def _options(kind: object) -> tuple[object, ...]:
    if get_origin(kind) is Annotated:
        kind = get_args(kind)[0]
    return get_args(kind) if get_origin(kind) in {Union, types.UnionType} else (kind,)
