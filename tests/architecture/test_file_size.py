"""Does every Python file stay small enough to answer one question?"""

from pathlib import Path

MOST_LINES = 400
DATA = "tests/data/"
"""Fixtures and what makes them: one table of formats, read only when a format changes."""


def test_no_python_file_is_longer_than_400_lines(root: Path) -> None:
    folders = (
        "capture",
        "gazekit",
        "trainer",
        "tests",
        "scripts",
        "benchmarks",
        "docs",
        "examples",
    )
    files = [file for folder in folders for file in (root / folder).glob("**/*.py")]
    lengths = {
        file.relative_to(root).as_posix(): len(file.read_text("utf-8").splitlines())
        for file in files
    }
    assert len(lengths) > 0
    long = {
        name: lines
        for name, lines in lengths.items()
        if lines > MOST_LINES and not name.startswith(DATA)
    }
    assert long == {}
