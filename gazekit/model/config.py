"""TOML files to frozen structs: every unknown key, wrong type and missing field is one line."""

import re
import sys
import types
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeVar, Union, get_args, get_origin

import msgspec

from gazekit.model.errors import ProblemsError, UsageError, did_you_mean

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

__all__ = ["apply_overrides", "load_toml", "parse_toml", "read_toml_text", "to_toml"]

_T = TypeVar("_T", bound=msgspec.Struct)


def load_toml(path: Path, struct: type[_T], overrides: Sequence[str] = ()) -> _T:
    """Read a TOML file into `struct`; `overrides` are ``a.b=value`` in TOML syntax.

    Raises
    ------
    UsageError
        The file is missing or not TOML, a key is unknown (the near name is suggested), a value
        has the wrong type; file and field are named.
    """
    return parse_toml(read_toml_text(path), struct, where=path.name, overrides=overrides)


def read_toml_text(path: Path) -> str:
    """Return the text of a TOML file.

    Raises
    ------
    UsageError
        The file is missing, or is not UTF-8 text.
    """
    if not path.is_file():
        what = "this is a folder" if path.is_dir() else "no such file"
        raise UsageError(
            what, where=path.name or path, expected="a TOML file", remedy="check the path"
        )
    try:
        return path.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise UsageError(
            "the file is not UTF-8 text", where=path.name, remedy="save it as UTF-8"
        ) from error


def parse_toml(text: str, struct: type[_T], *, where: str, overrides: Sequence[str] = ()) -> _T:
    """Read TOML text into `struct`; see `load_toml`."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"not valid TOML: {error}", where=where) from error
    data = apply_overrides(data, overrides)
    unknown = list(_unknown_keys(data, struct, ""))
    if len(unknown) == 1:
        raise UsageError(unknown[0][1], where=f"{where}: {unknown[0][0]}", remedy=unknown[0][2])
    if unknown:
        raise ProblemsError(
            [UsageError(what, where=f"{where}: {key}", remedy=fix) for key, what, fix in unknown],
            where=where,
        )
    try:
        return msgspec.convert(data, struct)
    except msgspec.ValidationError as error:
        what, _, field = str(error).partition(" - at ")
        place = field.strip("`").removeprefix("$.") or "top level"
        raise UsageError(what, where=f"{where}: {place}") from error


def apply_overrides(data: Mapping[str, object], overrides: Sequence[str]) -> dict[str, object]:
    """Return `data` with ``a.b=value`` settings applied; a bare word is taken as a string."""
    result = _copy(data)
    for override in overrides:
        key, equals, value = override.partition("=")
        if not equals or not re.fullmatch(r"[A-Za-z0-9_.-]+", key.strip()):
            raise UsageError(
                "a setting must be KEY=VALUE",
                where="--set",
                found=override,
                remedy="e.g. fit.steps=10",
            )
        *path, last = key.strip().split(".")
        table = result
        for part in path:
            inner = table.setdefault(part, {})
            if not isinstance(inner, dict):
                raise UsageError(f"'{part}' is not a table", where=f"--set {key.strip()}")
            table = inner
        table[last] = _value(value.strip())
    return result


def _value(text: str) -> object:
    try:
        return tomllib.loads(f"v = {text}")["v"]
    except tomllib.TOMLDecodeError:
        return text


def _copy(data: Mapping[str, object]) -> dict[str, object]:
    return {k: _copy(v) if isinstance(v, Mapping) else v for k, v in data.items()}


def _unknown_keys(data: object, kind: object, path: str) -> Iterator[tuple[str, str, str | None]]:
    """Yield (field, what, remedy) for every key that the struct does not have, at any depth."""
    for option in _options(kind):
        if isinstance(option, type) and issubclass(option, msgspec.Struct):
            if isinstance(data, Mapping):
                yield from _unknown_in_struct(data, option, path)
        elif isinstance(data, Mapping) and get_origin(option) is dict:
            for key, value in data.items():
                yield from _unknown_keys(value, get_args(option)[1], f"{path}{key}.")
        elif isinstance(data, list) and get_origin(option) in {list, tuple}:
            for index, item in enumerate(data):
                inner = f"{path.rstrip('.')}[{index}]."
                yield from _unknown_keys(item, get_args(option)[0], inner)


def _unknown_in_struct(
    data: Mapping[str, object], struct: type[msgspec.Struct], path: str
) -> Iterator[tuple[str, str, str | None]]:
    fields = {field.encode_name: field.type for field in msgspec.structs.fields(struct)}
    for key, value in data.items():
        if key in fields:
            yield from _unknown_keys(value, fields[key], f"{path}{key}.")
        else:
            hint = did_you_mean(key, list(fields)) or f"Known keys: {', '.join(fields)}"
            yield f"{path}{key}", "unknown key", hint


def _options(kind: object) -> tuple[object, ...]:
    """Return the alternatives of a union, or the type alone."""
    return get_args(kind) if get_origin(kind) in {Union, types.UnionType} else (kind,)


def to_toml(struct: msgspec.Struct) -> str:
    """Write a struct as TOML text that `parse_toml` reads back to an equal; None is left out."""
    lines: list[str] = []
    _emit(msgspec.to_builtins(struct), "", lines)
    return "\n".join(lines).strip() + "\n"


def _emit(table: Mapping[str, object], path: str, lines: list[str]) -> None:
    plain = {k: v for k, v in table.items() if not _is_table(v) and v is not None}
    lines += [f"{_key(key)} = {_literal(value)}" for key, value in plain.items()]
    for key, value in table.items():
        name = f"{path}{_key(key)}"
        if isinstance(value, Mapping):
            lines += ["", f"[{name}]"]
            _emit(value, f"{name}.", lines)
        elif _is_table(value) and isinstance(value, (list, tuple)):
            for item in value:
                lines += ["", f"[[{name}]]"]
                _emit(item, f"{name}.", lines)


def _is_table(value: object) -> bool:
    if isinstance(value, Mapping):
        return True
    return (
        isinstance(value, (list, tuple))
        and bool(value)
        and all(isinstance(item, Mapping) for item in value)
    )


def _key(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else _literal(key)


def _literal(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return msgspec.json.encode(value).decode()
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(_literal(item) for item in value)}]"
    if isinstance(value, float) and value != value:  # noqa: PLR0124 - NaN
        return "nan"
    return repr(value)
