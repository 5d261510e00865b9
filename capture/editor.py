"""How does the reader leave the text of a reading: typed, or a draft put right?

::

    draft or nothing --> page: text, confidence --> accepted --> reports.jsonl, last revision
                          |        ^
                          `--------'  what was typed is a revision every few seconds, too
"""

import dataclasses
from dataclasses import dataclass

from capture.form import AMBER, GREY, LIGHT, Button, Form, pressed
from capture.items import Box, Item, Words
from capture.typed import TypedText, wrapped
from capture.viewer import InputAct

__all__ = ["Draft", "EditorPage", "lay_out", "letter_height_px"]

_LETTER = 26.0
_ROW = 38.0
_TOP, _BOTTOM = 150.0, 210.0
_ACCEPT = ("ctrl+return", "ctrl+enter")
_CONFIDENCE = ("1 very unsure", "2 unsure", "3 fair", "4 sure", "5 very sure")
_DARK = (0.08, 0.08, 0.08)
_WHEEL_ROWS = 3


@dataclass(frozen=True)
class Draft:
    """What is on the page: the text, the confidence chosen, the first row in sight, a remark."""

    typed: TypedText
    confidence: int | None = None
    first_row: int = 0
    remark: str = ""
    accepted: bool = False


@dataclass(frozen=True)
class EditorPage:
    """The page's geometry and rules; `columns` letters fit into a row, `rows` rows are in sight.

    `letter_px` is the width of a letter. `ask_confidence`: it must be chosen before the text is
    accepted. `drafts`: a draft can be asked for.
    """

    form: Form
    title: str
    letter_px: float
    ask_confidence: bool
    drafts: bool = False

    @property
    def field(self) -> Box:
        """The rectangle in which the text stands."""
        form = self.form
        return Box(form.x(0.06), form.y(_TOP), form.x(0.94), form.y(-_BOTTOM), _DARK, GREY)

    @property
    def columns(self) -> int:
        """Letters in a row."""
        field, pad = self.field, 16 * self.form.unit
        return max(8, int((field.x1 - field.x0 - 2 * pad) / self.letter_px))

    @property
    def rows(self) -> int:
        """Rows in sight."""
        field, unit = self.field, self.form.unit
        return max(1, int((field.y1 - field.y0 - 20 * unit) / (_ROW * unit)))

    def buttons(self, draft: Draft) -> list[Button]:
        """Return what can be pressed."""
        form, made = self.form, []
        y0, y1 = form.y(-118), form.y(-74)
        if self.ask_confidence:
            for number, label in enumerate(_CONFIDENCE, start=1):
                x = form.x(0.06) + (number - 1) * 178 * form.unit
                box = Box(x, y0, x + 168 * form.unit, y1)
                made.append(Button(str(number), label, box, chosen=draft.confidence == number))
        right = form.x(0.94)
        accept = Box(right - 300 * form.unit, y0, right, y1)
        made.append(Button("accept", "Accept (Ctrl+Enter)", accept))
        if self.drafts:
            box = Box(right - 300 * form.unit, form.y(88), right, form.y(132))
            made.append(Button("draft", "Draft from sound (F2)", box))
        return made

    def after(self, draft: Draft, act: InputAct) -> Draft:
        """Return what is on the page after an act."""
        if act.kind == "text":
            return self._seen(dataclasses.replace(draft, typed=draft.typed.insert(act.key)))
        if act.kind == "key":
            return self._after_key(draft, act.key)
        if act.kind in {"zoom", "page"} and not act.key:
            return self._scrolled(draft, -round(act.dy) * _WHEEL_ROWS)
        return self._after_press(draft, act) if act.kind == "press" else draft

    def wants_draft(self, draft: Draft, act: InputAct) -> bool:
        """Say whether an act asks for a draft from the sound."""
        by_key = act.kind == "key" and act.key == "f2"
        return self.drafts and (by_key or pressed(act, self.buttons(draft)) == "draft")

    def _after_press(self, draft: Draft, act: InputAct) -> Draft:
        name = pressed(act, self.buttons(draft))
        if name == "accept":
            return self._accepted(draft)
        if name is not None and name.isdigit():
            return dataclasses.replace(draft, confidence=int(name), remark="")
        if self.field.holds(act.x_px, act.y_px):
            return self._pointed(draft, act.x_px, act.y_px)
        return draft

    def _after_key(self, draft: Draft, key: str) -> Draft:
        if key in _ACCEPT:
            return self._accepted(draft)
        digit = key.removeprefix("alt+")
        if self.ask_confidence and key.startswith("alt+") and digit in {"1", "2", "3", "4", "5"}:
            return dataclasses.replace(draft, confidence=int(digit), remark="")
        if key in {"pageup", "pagedown"}:
            moved, step = draft.typed, "up" if key == "pageup" else "down"
            for _ in range(self.rows - 1):
                moved = moved.key(step, self.columns)
        else:
            moved = draft.typed.key(key, self.columns)
        return self._seen(dataclasses.replace(draft, typed=moved))

    def _accepted(self, draft: Draft) -> Draft:
        if not draft.typed.text.strip():
            return dataclasses.replace(draft, remark="Type the report first.")
        if self.ask_confidence and draft.confidence is None:
            return dataclasses.replace(draft, remark="Choose your confidence, 1 to 5.")
        return dataclasses.replace(draft, accepted=True, remark="")

    def _seen(self, draft: Draft) -> Draft:
        """Scroll so that the cursor is in sight."""
        row, _ = draft.typed.place(self.columns)
        first = min(max(draft.first_row, row - self.rows + 1), row)
        return dataclasses.replace(draft, first_row=first, remark="")

    def _scrolled(self, draft: Draft, by: int) -> Draft:
        last = max(0, len(wrapped(draft.typed.text, self.columns)) - self.rows)
        return dataclasses.replace(draft, first_row=min(max(0, draft.first_row + by), last))

    def _pointed(self, draft: Draft, x_px: float, y_px: float) -> Draft:
        field, unit = self.field, self.form.unit
        row = draft.first_row + int((y_px - field.y0 - 10 * unit) / (_ROW * unit))
        column = round((x_px - field.x0 - 16 * unit) / self.letter_px)
        return dataclasses.replace(draft, typed=draft.typed.at(row, column, self.columns))


def letter_height_px(form: Form) -> float:
    """Return how high the letters of the text are."""
    return _LETTER * form.unit


def lay_out(page: EditorPage, draft: Draft) -> tuple[Item, ...]:
    """Return everything that is on the page."""
    form, field, unit = page.form, page.field, page.form.unit
    left = form.x(0.06)
    items: list[Item] = [
        form.line(page.title, left, form.y(56), letter=34.0),
        form.line("Type what you dictated, or put it right.", left, form.y(110), GREY, letter=20.0),
        field,
        *_rows(page, draft),
    ]
    if page.ask_confidence:
        ask = "How sure are you of this report? (click, or Alt+1 to Alt+5)"
        items.append(form.line(ask, left, form.y(-148), letter=20.0))
    for button in page.buttons(draft):
        items += form.drawn(button)
    rows = wrapped(draft.typed.text, page.columns)
    if len(rows) > page.rows:
        last = min(len(rows), draft.first_row + page.rows)
        told = f"rows {draft.first_row + 1} to {last} of {len(rows)}"
        place = Words(told, field.x1 - 240 * unit, form.y(-190), 18 * unit, GREY)
        items.append(place)
    if draft.remark:
        items.append(form.remark(draft.remark, left, form.y(-184)))
    return (*items, form.disclaimer)


def _rows(page: EditorPage, draft: Draft) -> list[Item]:
    """Return the rows in sight, and the cursor where it is among them."""
    field, unit = page.field, page.form.unit
    rows = wrapped(draft.typed.text, page.columns)
    x, top = field.x0 + 16 * unit, field.y0 + 10 * unit
    items: list[Item] = []
    for place, (start, end) in enumerate(rows[draft.first_row : draft.first_row + page.rows]):
        y = top + (place + 0.5) * _ROW * unit
        text = draft.typed.text[start:end].rstrip(" ")
        items.append(Words(text, x, y, letter_height_px(page.form), LIGHT, fixed=True))
    row, column = draft.typed.place(page.columns)
    seen = row - draft.first_row
    if 0 <= seen < page.rows:
        at = x + column * page.letter_px
        y = top + seen * _ROW * unit
        items.append(Box(at - unit, y + 3 * unit, at + unit, y + (_ROW - 3) * unit, AMBER))
    return items
