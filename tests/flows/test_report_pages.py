"""Do the pages of a simulated study and of the demo render in a browser, complaining of nothing?"""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    *("--hide-scrollbars", "--enable-logging=stderr", "--window-size=1280,2000"),
)


def _gazekit(*arguments: object) -> None:
    program = "from gazekit.commands import main; main()"
    words = [sys.executable, "-c", program, *map(str, arguments)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode in {0, 3}, done.stderr


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Simulate a study of two readings, build it and write its report."""
    root = tmp_path_factory.mktemp("study")
    _gazekit(
        *("synth", root / "study", "--readings", 2, "--seed", 5, "--image-px", "256x320"),
        *("--rate-hz", 60, "--image-format", "png"),
    )
    _gazekit("build", root / "study" / "sessions", "--out", root / "dataset")
    _gazekit("report", root / "dataset", "--out", root / "dataset.html")
    return root


@pytest.fixture(scope="module")
def pages(study: Path) -> dict[str, Path]:
    sys.path.insert(0, str(ROOT / "scripts"))
    try:
        from demo_page import write_demo_page  # type: ignore[import-not-found]
    finally:
        sys.path.remove(str(ROOT / "scripts"))
    from gazekit.report import write_session_report

    session = next((study / "study" / "sessions").glob("ses-*"))
    return {
        "dataset": study / "dataset.html",
        "session": write_session_report(session, study / "session.html"),
        "demo": write_demo_page(
            study,
            session=session,
            session_dataset=study / "dataset",
            study_dataset=study / "dataset",
            run=study / "run",
            predictions=study / "predictions",
            out=study / "index.html",
        ),
    }


def _browse(page: Path, folder: Path, *flags: str) -> subprocess.CompletedProcess[str]:
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        pytest.skip("no chromium on this machine")
    profile = f"--user-data-dir={folder / 'profile'}"
    words = [program, *FLAGS, profile, *flags, page.as_uri()]
    done = subprocess.run(
        words, capture_output=True, text=True, check=False, timeout=120, cwd=folder
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done


@pytest.mark.parametrize("name", ["dataset", "session", "demo"])
def test_page_renders_without_a_complaint(
    name: str, pages: dict[str, Path], tmp_path: Path
) -> None:
    shot = tmp_path / "shot.png"
    done = _browse(pages[name], tmp_path, f"--screenshot={shot}")
    assert [line for line in done.stderr.splitlines() if "CONSOLE" in line] == []
    with Image.open(shot) as picture:
        assert np.asarray(picture.convert("L")).std() > 10


def test_a_complaint_would_be_seen(tmp_path: Path) -> None:
    page = tmp_path / "bad.html"
    page.write_text("<!doctype html><title>x</title><script>nothingOfThisName()</script>")
    done = _browse(page, tmp_path, f"--screenshot={tmp_path / 'shot.png'}")
    assert "CONSOLE" in done.stderr


def test_tables_become_sortable(pages: dict[str, Path], tmp_path: Path) -> None:
    dom = _browse(pages["dataset"], tmp_path, "--dump-dom").stdout
    assert re.search(r"<th[^>]*><button type=\"button\">Verdict", dom)


def test_what_the_demo_lacks_is_said(pages: dict[str, Path]) -> None:
    html = pages["demo"].read_text("utf-8")
    assert "Not there: no training run" in html
    assert "the run has not been evaluated" in html
    assert "Not there: no prediction" in html
    assert "Everything on this page is synthetic" in html


def test_links_of_the_demo_lead_to_files(pages: dict[str, Path], study: Path) -> None:
    targets = re.findall(r'<a href="([^"#]+)"', pages["demo"].read_text("utf-8"))
    assert targets
    assert all((study / target).is_file() for target in targets)
