"""Do the packages import only what the drawing of the architecture allows?"""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


def test_import_contracts_hold(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status = lint_imports(config_filename=str(root / "pyproject.toml"), no_cache=True)
    assert status == EXIT_STATUS_SUCCESS, capsys.readouterr().out


def _contract(root: Path, name: str) -> dict[str, Any]:
    settings = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))
    contracts: Iterable[dict[str, Any]] = settings["tool"]["importlinter"]["contracts"]
    return next(contract for contract in contracts if contract["id"] == name)


@pytest.mark.parametrize(
    ("contract", "allowed"),
    [
        ("capture-takes", {"model", "image", "quality", "synthetic", "report"}),
        ("trainer-takes", {"model", "image", "metrics", "report"}),
    ],
)
def test_a_new_package_is_forbidden_until_the_drawing_names_it(
    root: Path, contract: str, allowed: set[str]
) -> None:
    """A package of gazekit that the contract forgets would be open to everybody."""
    packages = {path.parent.name for path in root.glob("gazekit/*/__init__.py")}
    forbidden = set(_contract(root, contract)["forbidden_modules"])
    assert {f"gazekit.{name}" for name in packages - allowed} <= forbidden
    assert forbidden & {f"gazekit.{name}" for name in allowed} == set()
