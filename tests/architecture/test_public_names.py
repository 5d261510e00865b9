"""Does `__all__` of each public module say exactly what is public there?"""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parents[2]


class Names(NamedTuple):
    defined: set[str]
    imported: set[str]
    listed: list[str]


def _public_modules() -> list[Path]:
    modules = [
        path for name in ("capture", "gazekit", "trainer") for path in ROOT.glob(f"{name}/**/*.py")
    ]
    return sorted(path for path in modules if not _is_private(path.relative_to(ROOT)))


def _is_private(path: Path) -> bool:
    parts = [part.removesuffix(".py") for part in path.parts]
    return any(part.startswith("_") and part != "__init__" for part in parts)


def _top_level(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield the statements of a module, with those under its `if` and `try`."""
    for statement in body:
        yield statement
        if isinstance(statement, ast.If | ast.Try):
            yield from _top_level(statement.body)
            yield from _top_level(statement.orelse)
            for handler in getattr(statement, "handlers", []):
                yield from _top_level(handler.body)


def _targets(statement: ast.stmt) -> Iterator[str]:
    match statement:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            yield name
        case ast.AnnAssign(target=ast.Name(id=name)):
            yield name
        case ast.Assign(targets=targets):
            for target in targets:
                yield from (node.id for node in ast.walk(target) if isinstance(node, ast.Name))


def _names(path: Path) -> Names:
    names = Names(set(), set(), [])
    for statement in _top_level(ast.parse(path.read_text("utf-8")).body):
        if isinstance(statement, ast.Import | ast.ImportFrom):
            names.imported.update(alias.asname or alias.name for alias in statement.names)
            continue
        targets = set(_targets(statement))
        if "__all__" in targets and isinstance(statement, ast.Assign | ast.AnnAssign):
            names.listed.extend(ast.literal_eval(statement.value or ast.Tuple([])))
        names.defined.update(targets - {"__all__"})
    return names


@pytest.mark.parametrize(
    "path", _public_modules(), ids=lambda path: path.relative_to(ROOT).as_posix()
)
def test_all_names_what_is_public(path: Path) -> None:
    names = _names(path)
    public = {name for name in names.defined if not name.startswith("_")}
    listed = set(names.listed)
    # A package may hand on what its modules define, at once or on demand (`__getattr__`).
    handed_on = names.imported if path.name == "__init__.py" else set()
    on_demand = listed if path.name == "__init__.py" and "__getattr__" in names.defined else set()
    assert sorted(public - listed) == [], "public, but not in __all__: list it or start it with _"
    assert sorted(listed - names.defined - handed_on - on_demand) == [], "in __all__, but not here"
    assert len(names.listed) == len(listed), "listed twice in __all__"
