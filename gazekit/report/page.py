"""What is a page made of: sections, tables, facts, figures, and how they become one HTML file."""

import base64
import hashlib
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from markupsafe import Markup

from gazekit.model.files import write_bytes
from gazekit.model.version import DISCLAIMER, __version__
from gazekit.report.markup import block, environment
from gazekit.report.table import ABSENT, Tone

__all__ = [
    "LegendItem",
    "Page",
    "Section",
    "Spoken",
    "Tile",
    "card",
    "code",
    "details",
    "dictation",
    "facts",
    "figure",
    "legend",
    "link",
    "note",
    "number",
    "prose",
    "row",
    "section",
    "strip",
    "subheading",
    "tabs",
    "tiles",
]


@dataclass(frozen=True)
class Tile:
    """One headline figure: a value, what it counts, and an aside."""

    value: str
    label: str
    note: str | None = None
    tone: Tone | None = None


@dataclass(frozen=True)
class Spoken:
    """One dictated sentence: its words, step, place in time, and the labels that it asserts.

    `colour` is an index into the step colours, 0 to 5, or 6 for none.
    """

    text: str
    code: str | None = None
    step: str | None = None
    colour: int = 6
    when: str | None = None
    labels: str | None = None


@dataclass(frozen=True)
class LegendItem:
    """One entry of a legend; `swatch` names a class of the style sheet."""

    swatch: str
    text: str


@dataclass(frozen=True)
class Section:
    """A headed part of a page; `key` is its anchor."""

    title: str
    key: str
    blocks: tuple[Markup, ...]
    intro: str | None = None


@dataclass(frozen=True)
class Page:
    """A self-contained HTML page.

    Parameters
    ----------
    kind
        What sort of page it is, such as ``Dataset report``.
    title, lead
        Its heading, and the sentence under it.
    sections
        Its parts, results first.
    simulated
        What on it is simulated, in words; None when nothing is.
    foot
        A line for the end of the page.
    styles, scripts
        Names of further style sheets and scripts of this package, for pages that do more.
    sound
        It holds sound.
    served
        It comes from a server of this machine, whose pictures it shows; else it needs nothing.
    """

    kind: str
    title: str
    sections: tuple[Section, ...]
    lead: str | None = None
    simulated: str | None = None
    foot: str | None = None
    styles: tuple[str, ...] = ()
    scripts: tuple[str, ...] = ()
    sound: bool = False
    served: bool = False

    def html(self) -> str:
        """Return the page as HTML; all text is escaped."""
        scripts = [_source(name) for name in ("script.js", *self.scripts)]
        return (
            environment()
            .get_template("page.html.j2")
            .render(
                page=self,
                disclaimer=DISCLAIMER,
                version=__version__,
                scripts=[Markup(script) for script in scripts],  # noqa: S704 - our own files
                hashes=[_digest(script) for script in scripts],
            )
        )

    def write(self, path: Path) -> Path:
        """Write the page, whole or not at all; return `path`."""
        write_bytes(path, self.html().encode())
        return path


def section(
    title: str, *blocks: Markup, intro: str | None = None, key: str | None = None
) -> Section:
    """Make a section; its anchor is derived from the title unless given."""
    anchor = key or re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")
    return Section(title, anchor, blocks, intro)


def tiles(items: Iterable[Tile]) -> Markup:
    """Show headline figures side by side."""
    return block("tiles", list(items))


def facts(pairs: Iterable[tuple[str, object]]) -> Markup:
    """Show names and values; None shows as absent."""
    return block("facts", [(name, ABSENT if v is None else v) for name, v in pairs])


def figure(content: Markup, *, caption: str | Markup | None = None, wide: bool = False) -> Markup:
    """Frame a picture or a chart with its caption."""
    return block("figure", content, caption, wide)


def row(*blocks: Markup, first_wide: bool = False) -> Markup:
    """Set blocks side by side where the page is wide enough; all alike, or the first wider."""
    return block("row", blocks, first_wide)


def strip(blocks: Sequence[Markup], *, label: str) -> Markup:
    """Set small figures in a row that wraps; `label` names the list."""
    return block("strip", blocks, label)


def card(
    title: str, *blocks: Markup, subtitle: str | None = None, key: str | None = None
) -> Markup:
    """Frame what belongs to one thing, such as a reading."""
    return block("card", title, blocks, subtitle, key)


def details(summary: str, *blocks: Markup) -> Markup:
    """Fold blocks under a line."""
    return block("details", summary, blocks)


def prose(text: str | Markup) -> Markup:
    """Show one paragraph."""
    return block("prose", text)


def note(text: str | Markup, *, tone: Tone = "quiet") -> Markup:
    """Show one paragraph set off from the rest."""
    return block("note", text, tone)


def subheading(text: str, *, level: Literal[3, 4] = 4) -> Markup:
    """Show a heading inside a card, or one of level 3 outside cards."""
    return block("subheading", text, level)


def code(text: str, *, label: str = "Code") -> Markup:
    """Show lines of code as they are typed."""
    return block("code", text, label)


def link(target: str, text: str) -> Markup:
    """Link to a file beside the page or to an anchor in it; never to another machine."""
    return block("link", target, text)


def tabs(panels: Sequence[tuple[str, Markup]], *, label: str) -> Markup:
    """Show one panel at a time; without scripts, and in print, all of them."""
    return block("tabs", panels, label)


def dictation(sentences: Iterable[Spoken]) -> Markup:
    """Show a dictation, sentence by sentence, coloured by step."""
    return block("dictation", list(sentences))


def legend(items: Iterable[LegendItem]) -> Markup:
    """Explain colours and marks."""
    return block("legend", list(items))


def number(value: float | None, digits: int = 0, *, unit: str = "") -> str:
    """Return a number as it is read, thousands set off; absent where None or NaN."""
    if value is None or not math.isfinite(value):
        return ABSENT
    return f"{value:,.{digits}f}{unit}"


def _digest(script: str) -> str:
    """Return how a content security policy names a script that may run."""
    return f"sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}"


def _source(name: str) -> str:
    return environment().get_template(name).render()
