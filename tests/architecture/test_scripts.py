"""Do the scripts find what is really there, and nothing else?"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest


def _find_python(root: Path, version: str, path: Path) -> subprocess.CompletedProcess[str]:
    """Run the search where nothing but bash and the programs in `path` can be found."""
    bash = shutil.which("bash")
    assert bash is not None
    (path / "bash").symlink_to(bash)
    return subprocess.run(
        [str(root / "scripts" / "find-python"), version],
        check=False,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        env={"PATH": str(path), "HOME": os.devnull},
    )


def _program(folder: Path, name: str, script: str) -> None:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n", "utf-8")
    path.chmod(0o755)


def test_a_shim_that_fails_is_not_a_python(root: Path, tmp_path: Path) -> None:
    for name in ("python3.12", "python3", "python"):
        _program(tmp_path, name, "echo 'command not found' >&2; exit 127")
    found = _find_python(root, "3.12", tmp_path)
    assert (found.returncode, found.stdout) == (1, "")


def test_an_interpreter_of_another_version_is_passed_over(root: Path, tmp_path: Path) -> None:
    here = f"{sys.version_info.major}.{sys.version_info.minor}"
    _program(tmp_path, f"python{here}", "echo 3.99")
    _program(tmp_path, "python", "echo 3.99")
    _program(tmp_path, "python3", f'exec {sys.executable} "$@"')
    found = _find_python(root, here, tmp_path)
    assert found.returncode == 0
    assert Path(found.stdout.strip()) == Path(sys.executable).resolve()


@pytest.mark.parametrize(
    "name", ["bench", "check", "find-python", "setup", "system-packages", "test"]
)
def test_a_script_is_valid_bash_and_can_be_started(root: Path, name: str) -> None:
    script = root / "scripts" / name
    assert os.access(script, os.X_OK)
    subprocess.run(["bash", "-n", str(script)], check=True)
