"""Do the pages build without a warning, and is the generated one that of today's model?"""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def test_the_pages_build_without_a_warning(tmp_path: Path) -> None:
    pytest.importorskip("sphinx", reason="the pages are built by Sphinx, of the extra 'dev'")
    built = tmp_path / "pages"
    trees = str(tmp_path / "trees")
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-d", trees]
    done = subprocess.run(
        [*command, str(ROOT / "docs"), str(built)],
        check=False,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 0, done.stderr
    for page in ("index", "start-coordinator", "start-engineer", "start-modeller", "schema"):
        assert (built / f"{page}.html").is_file()


def test_the_page_of_tables_and_records_is_current() -> None:
    made = "from schema_page import schema_page; print(schema_page(), end='')"
    done = subprocess.run(
        [sys.executable, "-c", made],
        cwd=ROOT / "scripts",
        check=True,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )
    shown = (ROOT / "docs" / "schema.md").read_text("utf-8")
    assert shown == done.stdout, "run scripts/schema_page.py"
