"""What would keep a person from using a page: without colours, a pointer, or sight?"""

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

__all__ = ["barriers"]

_MOST_STOPS = 40
_AXE = """async (rules) => (await axe.run({exclude: rules.length ? ["svg"] : []}, {
  resultTypes: ["violations"], ...(rules.length && {runOnly: rules}),
})).violations"""
_OURS = """() => {
  const html = (node) => node.outerHTML.slice(0, 120);
  const said = [];
  const check = (selector, what, fits) => {
    for (const node of document.querySelectorAll(selector)) {
      if (!fits(node)) said.push(`${what}: ${html(node)}`);
    }
  };
  check("svg", "a drawing without words", (svg) => svg.parentElement.closest("svg")
    || svg.getAttribute("aria-hidden") === "true"
    || (svg.hasAttribute("role") && (svg.getAttribute("aria-label") || "").trim()));
  check("table", "a table without a caption", (table) => table.caption?.textContent.trim());
  check("th", "a head without a scope", (head) => head.hasAttribute("scope"));
  check("[tabindex]", "a place of its own in the order of Tab", (node) => node.tabIndex <= 0);
  check("[tabindex='0']", "a stop without a name", (node) => node.textContent.trim()
    || node.getAttribute("aria-label"));
  return said;
}"""
_SEEN = """() => {
  const node = document.activeElement;
  if (node === document.body) return "end";
  const style = getComputedStyle(node);
  const seen = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  return seen ? "seen" : node.outerHTML.slice(0, 120);
}"""


def barriers(page: "Page") -> list[str]:
    """Say what axe-core and our own rules find on an open page, in both colour schemes.

    Skips the test where axe-core is absent.
    """
    page.evaluate(_axe_core())
    found: list[str] = page.evaluate(_OURS)
    page.emulate_media(color_scheme="light")
    broken: list[dict[str, Any]] = page.evaluate(_AXE, [])
    page.emulate_media(color_scheme="dark")
    broken += page.evaluate(_AXE, ["color-contrast"])
    found += [f"{rule['help']}: {rule['nodes'][0]['html'][:120]}" for rule in broken]
    return found + _unseen_stops(page)


def _unseen_stops(page: "Page") -> list[str]:
    """Go through the page with Tab; name what does not show that it has the focus."""
    found = []
    for _ in range(_MOST_STOPS):
        page.keyboard.press("Tab")
        seen: str = page.evaluate(_SEEN)
        if seen == "end":
            break
        if seen != "seen":
            found.append(f"focus does not show: {seen}")
    return found


@cache
def _axe_core() -> str:
    pytest.importorskip("axe_playwright_python", reason="axe-core is not installed")
    return files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")
