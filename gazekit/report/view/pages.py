"""What do the pages of the browser show: the readings found, one reading, the marks?"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal
from urllib.parse import quote

from markupsafe import Markup

from gazekit.model.dataset import Dataset
from gazekit.model.marked import MARK_REASONS, MOST_NOTE, Mark
from gazekit.report.dataset import reading_views
from gazekit.report.markup import block
from gazekit.report.page import Page, Section, note, number, section
from gazekit.report.quality import limits_of
from gazekit.report.reading import reading_card
from gazekit.report.view.index import Entry, Index
from gazekit.report.view.wanted import NO_FINDING, ORDERS, QUALITIES, READINGS_A_PAGE, Wanted

__all__ = ["Shown", "listing_page", "marks_page", "problem_page", "reading_page"]

_TEMPLATE = "view.html.j2"


@dataclass(frozen=True)
class Shown:
    """What every page is made from: the dataset, its index, the marks, the secret of this run.

    `trouble`: why the exclusions file cannot be read; None where it can.
    """

    dataset: Dataset
    index: Index
    marks: Mapping[str, Mark]
    file: str
    token: str
    trouble: str | None = None

    def page(self, title: str, *sections: Section, lead: str | None = None) -> str:
        """Return a page of the browser as HTML: the ways from it, what it is for, the marks."""
        ways = [("/", "All readings"), ("/marks", f"Marked readings ({len(self.marks)})")]
        first = replace(
            sections[0], blocks=(_macro("style"), _macro("links", ways), *sections[0].blocks)
        )
        info = self.dataset.info
        return Page(
            kind=f"Dataset {info.name}",
            title=title,
            lead=lead,
            simulated="the gaze in this dataset was simulated" if info.simulated else None,
            sections=(
                first,
                *sections[1:],
                section("What marks do", *self._said(), key="marks-do"),
            ),
            served=True,
        ).html()

    def _said(self) -> list[Markup]:
        if self.trouble is not None:
            return [note(f"Marks cannot be read or changed. {self.trouble}", tone="bad")]
        said = (
            f"Marks stand in {self.file}, which any editor opens. The next gazekit build of this "
            "dataset leaves marked readings out and lists each; until then nothing is changed."
        )
        return [note(said)]

    def form(self, reading_id: str, back: str) -> Markup:
        """Return the form that marks a reading, or takes its mark back."""
        if self.trouble is not None:
            return Markup("")
        mark = self.marks.get(reading_id)
        return _macro("mark_form", reading_id, mark, MARK_REASONS, self.token, back, MOST_NOTE)


@dataclass(frozen=True)
class _Item:
    entry: Entry
    key: str
    image_key: str
    length: str
    loss: str
    verdict: str
    marked: bool
    form: Markup


def listing_page(shown: Shown, wanted: Wanted) -> str:
    """Show the readings that are asked for, a page of them, with the filter above."""
    found = wanted.among(shown.index.entries, shown.marks)
    most = max(1, -(-len(found) // READINGS_A_PAGE))
    page = min(max(wanted.page, 1), most)
    start = (page - 1) * READINGS_A_PAGE
    here = found[start : start + READINGS_A_PAGE]
    back = wanted.query(page=page)
    if here:
        ends = (number(start + 1), number(start + len(here)), number(len(found)))
        before = wanted.query(page=page - 1) if page > 1 else None
        after = wanted.query(page=page + 1) if page < most else None
        above, below = (
            _macro("pages", place, *ends, before, after, page, most) for place in ("above", "below")
        )
        blocks = [above, _macro("grid", [_item(shown, entry, back) for entry in here]), below]
    else:
        blocks = [note("No reading fits. Ask for less, or show all.", tone="warn")]
    total = number(len(shown.index.entries))
    return shown.page(
        "Readings",
        section("Filter", _filters(shown.index, wanted), key="filter"),
        section("Readings", *blocks, key="readings"),
        lead=f"{number(len(found))} of {total} readings.",
    )


def reading_page(shown: Shown, entry: Entry) -> str:
    """Show one reading: scanpath, heatmap, dictation, key frames, and the form to mark it."""
    name = entry.reading_id
    views = reading_views(shown.dataset, [name])
    tone: Literal["bad"] | None = "bad" if entry.verdict == "outside" else None
    cards = [reading_card(view, shown.dataset.info.steps, tone=tone) for view in views]
    limits = limits_of(shown.dataset.info.config)
    return shown.page(
        name,
        section(
            "Mark",
            _macro("links", [(f"/replay/{_key(name)}", "Replay this reading")]),
            shown.form(name, f"reading/{name}"),
            intro=f"Quality: {_verdict(entry)}. {limits.words()}",
            key="mark",
        ),
        section("Reading", *cards, key="reading"),
    )


def marks_page(shown: Shown) -> str:
    """Show every entry of the exclusions file, those too whose reading is not in the dataset."""
    known = {entry.reading_id for entry in shown.index.entries}
    rows = [
        {
            "mark": mark,
            "key": _key(name) if name in known else None,
            "form": shown.form(name, "marks"),
        }
        for name, mark in shown.marks.items()
    ]
    listed = _macro("marks", rows) if rows else note("No reading is marked.")
    return shown.page("Marked readings", section("Marks", listed, key="marks"))


def problem_page(what: str, *, title: str) -> str:
    """Show one line that says what is wrong, and the way back."""
    back = _macro("links", [("/", "All readings")])
    said = section("What is wrong", _macro("style"), note(what, tone="bad"), back, key="problem")
    return Page(kind="Dataset", title=title, sections=(said,), served=True).html()


def _filters(index: Index, wanted: Wanted) -> Markup:
    everything = ("", "all")
    labels = [(label, label) for label in index.labels]
    selects = [
        ("finding", "Finding", wanted.finding, [everything, (NO_FINDING, "none"), *labels]),
        ("reader", "Reader", wanted.reader, [everything, *((r, r) for r in index.readers)]),
        ("quality", "Quality", wanted.quality, [everything, *QUALITIES.items()]),
        ("split", "Split", wanted.split, [everything, *((s, s) for s in index.splits)]),
        ("marked", "Marks", wanted.marked, [everything, ("yes", "marked"), ("no", "not marked")]),
        ("order", "Order", wanted.order, list(ORDERS.items())),
    ]
    return _macro("filters", selects, wanted.text)


def _item(shown: Shown, entry: Entry, back: str) -> _Item:
    loss = entry.data_loss
    return _Item(
        entry=entry,
        key=_key(entry.reading_id),
        image_key=_key(entry.image_id),
        length=number(entry.duration_us / 1e6, 1, unit=" s"),
        loss=number(None if loss is None else loss * 100, 1, unit=" %"),
        verdict=_verdict(entry),
        marked=entry.reading_id in shown.marks,
        form=shown.form(entry.reading_id, back),
    )


def _verdict(entry: Entry) -> str:
    said = QUALITIES[entry.verdict]
    return f"{said}: {', '.join(entry.beyond)}" if entry.beyond else said


def _key(text: str) -> str:
    return quote(text, safe="")


def _macro(name: str, *arguments: object) -> Markup:
    return block(name, *arguments, template=_TEMPLATE)
