"""Does every command that the newcomer's pages show run, in the order in which they show it?"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

pytest.importorskip("torch", reason="the pages train a model, which needs the extra 'train'")
pytest.importorskip("duckdb", reason="the pages open a dataset with duckdb, of the extra 'test'")
pytest.importorskip("datasets", reason="the pages open a dataset with it, of the extra 'dev'")

ROOT = Path(__file__).resolve().parents[2]
PAGES = (
    "README.md",
    "docs/start-coordinator.md",
    "docs/start-engineer.md",
    "docs/start-modeller.md",
)
_FENCE = re.compile(r"^```(?P<info>[^\n]*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
_NOT_RUN = "no-test:"
_DONE = {0, 3}
"""Exit codes of a command that did what it should; 3 says that something was left out."""


class Block(NamedTuple):
    """A fenced block: its language, why no test runs it, and its text."""

    language: str
    reason: str | None
    text: str


def _blocks(page: str) -> list[Block]:
    found = []
    for fence in _FENCE.finditer((ROOT / page).read_text("utf-8")):
        language, _, rest = fence["info"].partition(" ")
        reason = rest.removeprefix(_NOT_RUN).strip() if rest.startswith(_NOT_RUN) else None
        found.append(Block(language, reason, fence["text"]))
    return found


def _commands(text: str) -> list[str]:
    """Return the commands of a block, lines that go on joined, empty lines and notes left out."""
    lines = text.replace("\\\n", " ").splitlines()
    return [line for line in lines if line.strip() and not line.startswith("#")]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Give the variables of a terminal whose programs are those of this interpreter."""
    home = tmp_path / "home"
    home.mkdir()
    own = {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(home),
        "HF_HOME": str(home),
        "HF_HUB_OFFLINE": "1",
        "OMP_NUM_THREADS": "1",
    }
    return {**os.environ, **own}


@pytest.mark.parametrize("page", PAGES)
def test_a_block_says_whether_it_runs(page: str) -> None:
    blocks = _blocks(page)
    assert {block.language for block in blocks} <= {"console", "python", "text"}
    assert any(block.language == "console" and block.reason is None for block in blocks)
    assert [block.text for block in blocks if block.reason == ""] == [], "say why it is not run"


@pytest.mark.slow
def test_every_command_runs_in_order(tmp_path: Path, environment: dict[str, str]) -> None:
    folder = tmp_path / "checkout"
    shutil.copytree(ROOT / "protocols", folder / "protocols")
    ran = 0
    for page in PAGES:
        for block in _blocks(page):
            if block.reason is not None or block.language == "text":
                continue
            python = block.language == "python"
            for command in [block.text] if python else _commands(block.text):
                words = [sys.executable, "-c"] if python else ["bash", "-c"]
                done = subprocess.run(
                    [*words, command],
                    cwd=folder,
                    env=environment,
                    check=False,
                    capture_output=True,
                    text=True,
                    stdin=subprocess.DEVNULL,
                )
                assert done.returncode in _DONE, f"{page}: {command}\n{done.stderr}"
                ran += 1
    assert ran > len(PAGES)
    for page in ("session.html", "dataset/report.html", "run/evaluation.html"):
        assert (folder / page).is_file()
    assert list((folder / "prediction").glob("*.html"))
