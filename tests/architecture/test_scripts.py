"""Do the scripts find what is really there, and nothing else?"""

import os
import subprocess
import sys
from pathlib import Path

import pytest


def _find_python(root: Path, version: str, path: str) -> subprocess.CompletedProcess[str]:
    """Run the search with a PATH of our own and no pyenv."""
    return subprocess.run(
        [str(root / "scripts" / "find-python"), version],
        check=False,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        env={"PATH": path, "HOME": os.devnull},
    )


def _program(folder: Path, name: str, script: str) -> None:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n", "utf-8")
    path.chmod(0o755)


def test_a_shim_that_fails_is_not_a_python(root: Path, tmp_path: Path) -> None:
    for name in ("python3.12", "python3", "python"):
        _program(tmp_path, name, "echo 'command not found' >&2; exit 127")
    found = _find_python(root, "3.12", f"{tmp_path}:/bin")
    assert (found.returncode, found.stdout) == (1, "")


def test_an_interpreter_of_another_version_is_passed_over(root: Path, tmp_path: Path) -> None:
    here = f"{sys.version_info.major}.{sys.version_info.minor}"
    _program(tmp_path, "python3.99", f'exec {sys.executable} "$@"')
    _program(tmp_path, "python3", f'exec {sys.executable} "$@"')
    assert _find_python(root, "3.99", f"{tmp_path}:/bin").returncode == 1
    found = _find_python(root, here, f"{tmp_path}:/bin")
    assert found.returncode == 0
    assert Path(found.stdout.strip()) == Path(sys.executable).resolve()


@pytest.mark.parametrize(
    "name", ["bench", "check", "find-python", "setup", "system-packages", "test"]
)
def test_a_script_is_valid_bash_and_can_be_started(root: Path, name: str) -> None:
    script = root / "scripts" / name
    assert os.access(script, os.X_OK)
    subprocess.run(["bash", "-n", str(script)], check=True)
