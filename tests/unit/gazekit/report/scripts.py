"""How does a test call the functions of a page's script without the rest of the page?"""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from tests.browser import page_of

if TYPE_CHECKING:
    from playwright.sync_api import Page

__all__ = ["page_with"]


@contextmanager
def page_with(folder: Path, *names: str) -> Iterator["Page"]:
    """Open an empty page that has run some scripts of the pages' templates."""
    templates = files("gazekit.report") / "templates"
    scripts = [(templates / name).read_text("utf-8") for name in names]
    head = '<meta charset="utf-8"><link rel="icon" href="data:,">'
    path = folder / "scripts.html"
    path.write_text(head + "".join(f"<script>{script}</script>" for script in scripts), "utf-8")
    with page_of(path) as opened:
        yield opened
