"""How are pages and figures photographed? The programs make them, Chromium shows the pages."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

if TYPE_CHECKING:
    from playwright.sync_api import Page

__all__ = ["figures", "pages"]

_BIN = Path(sys.executable).parent
_SIZE = (1280, 1100)
_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
_REPLAYED_TENTH = "4"
_PLOTS = ("scanpath", "heatmap", "timeline")
_PLOTS_OF_SAMPLES = ("time-series", "main-sequence")


def pages(demo: Path, folder: Path) -> Iterator[tuple[str, Image.Image]]:
    """Give the name and the picture of each page, made anew from what the demo left."""
    session = next((demo / "sessions").glob("ses-*"))
    _run("capture", "report", session, "--out", folder / "session.html")
    _run("gazekit", "report", demo / "study_dataset", "--out", folder / "dataset.html")
    _run("gazekit", "report", demo / "recorded_dataset", "--out", folder / "recorded.html")
    prediction = next((demo / "predictions").glob("*/prediction.html"))
    with _browser() as page:
        for name, path, part in (
            ("session-report", folder / "session.html", None),
            ("dataset-report", folder / "dataset.html", None),
            ("reading", folder / "recorded.html", "#readings article"),
            ("evaluation", demo / "run" / "evaluation.html", None),
            ("evaluation-cases", demo / "run" / "evaluation.html", "#best-cases"),
            ("prediction", prediction, "main section"),
        ):
            where = "#sentence-3" if name == "prediction" else ""
            yield name, _shoot(page, path.as_uri() + where, part)
        yield "replay", _replay(page, session, folder / "replay.html")
        yield from _browsed(page, demo / "study_dataset")


def figures(demo: Path, folder: Path) -> Iterator[tuple[str, Image.Image]]:
    """Give the name and the picture of each figure for papers, of the recorded session."""
    session = next((demo / "sessions").glob("ses-*"))
    sources = dict.fromkeys(_PLOTS, demo / "recorded_dataset")
    sources |= dict.fromkeys(_PLOTS_OF_SAMPLES, session)
    for kind, source in sources.items():
        out = folder / f"{kind}.png"
        _run("gazekit", "plot", kind, source, "0", "--out", out, "--dpi", "200")
        yield f"plot-{kind}", Image.open(out).convert("RGB")


def _replay(page: "Page", session: Path, out: Path) -> Image.Image:
    """Photograph the first reading of a session, played to a tenth of it that shows a word lit."""
    _run("gazekit", "replay", session, "0", "--out", out)
    _shoot(page, out.as_uri())
    page.keyboard.press(_REPLAYED_TENTH)
    page.wait_for_timeout(500)
    return Image.open(BytesIO(page.screenshot())).convert("RGB")


def _browsed(page: "Page", dataset: Path) -> Iterator[tuple[str, Image.Image]]:
    """Photograph the browser of a dataset, served on a free port."""
    words = [str(_BIN / "gazekit"), "view", str(dataset), "--port", "0", "--no-open"]
    server = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
    try:
        address = (server.stdout or sys.stdin).readline().strip()
        yield "view", _shoot(page, address)
    finally:
        server.terminate()
        server.wait(timeout=10)


@contextmanager
def _browser() -> Iterator["Page"]:
    from playwright.sync_api import sync_playwright

    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        sys.exit("error: no chromium on this machine; run scripts/setup as root")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=_FLAGS)
        yield browser.new_page(
            viewport={"width": _SIZE[0], "height": _SIZE[1]}, color_scheme="light"
        )
        browser.close()


def _shoot(page: "Page", address: str, part: str | None = None) -> Image.Image:
    """Open an address; return what the window shows, or one part of the page as a whole."""
    page.goto(address)
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(500)
    shot = page.locator(part).first.screenshot() if part else page.screenshot()
    return Image.open(BytesIO(shot)).convert("RGB")


def _run(*words: object) -> None:
    program, *rest = (str(word) for word in words)
    done = subprocess.run((str(_BIN / program), *rest), check=False, capture_output=True, text=True)
    if done.returncode not in {0, 3}:
        sys.exit(f"error: {program} {' '.join(rest)}\n{done.stderr}")
