"""How does a test open one page in a browser that complains of errors and of any request?"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

__all__ = ["page_at", "page_of"]

_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


@contextmanager
def page_of(
    path: Path,
    *,
    size: tuple[int, int] = (1280, 800),
    scheme: Literal["light", "dark"] = "light",
) -> Iterator["Page"]:
    """Open a page from disk; at the end, fail on what it complained of or asked for.

    Skips the test where chromium or playwright is absent.
    """
    with _opened(path.as_uri(), ("file://",), size, scheme) as page:
        yield page


@contextmanager
def page_at(
    url: str,
    *,
    size: tuple[int, int] = (1280, 800),
    scheme: Literal["light", "dark"] = "light",
) -> Iterator["Page"]:
    """Open a page of a server on this machine; it may ask that server, and nobody else."""
    origin = "/".join(url.split("/")[:3])
    with _opened(url, (f"{origin}/",), size, scheme) as page:
        yield page


@contextmanager
def _opened(
    url: str,
    allowed: tuple[str, ...],
    size: tuple[int, int],
    scheme: Literal["light", "dark"],
) -> Iterator["Page"]:
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        pytest.skip("no chromium on this machine")
    complaints: list[str] = []
    with sync_api.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=_FLAGS)
        page = browser.new_page(viewport={"width": size[0], "height": size[1]}, color_scheme=scheme)
        page.on("console", lambda said: complaints.append(f"{said.type}: {said.text}"))
        page.on("pageerror", lambda error: complaints.append(f"error: {error}"))
        page.on("request", lambda asked: _note_request(asked.url, allowed, complaints))
        page.goto(url)
        yield page
        browser.close()
    if complaints:
        pytest.fail("; ".join(complaints))


def _note_request(url: str, allowed: tuple[str, ...], complaints: list[str]) -> None:
    if not url.startswith((*allowed, "data:", "blob:")):
        complaints.append(f"request: {url}")
