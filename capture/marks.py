"""How are findings marked on the image: ellipses drawn, moved, resized, labelled? Pure."""

import dataclasses
from dataclasses import dataclass
from typing import Literal

from gazekit.model.records import Assertion, FindingOrigin, FindingRecord

__all__ = ["CERTAINTIES", "Mark", "MarkBoard", "findings_of"]

CERTAINTIES = (
    "1 unlikely (< 10 %)",
    "2 less likely (25 %)",
    "3 possibly (50 %)",
    "4 probably (75 %)",
    "5 consistent with (> 90 %)",
)
"""The scale of REFLACX (Bigolin Lanfredi 2022), 1 to 5."""

_PRESENT_FROM = 3
_LEAST_PX = 6.0
"""A drag of less, in screen pixels, is a click and marks nothing."""

_Corner = Literal["new", "move", "x0y0", "x1y0", "x0y1", "x1y1"]


@dataclass(frozen=True)
class Mark:
    """An ellipse: the one inscribed in this rectangle, image pixels; x0 < x1 and y0 < y1."""

    x0: float
    y0: float
    x1: float
    y1: float
    label: str | None = None
    certainty: int | None = None

    def holds(self, x: float, y: float) -> bool:
        """Say whether an image point lies in the ellipse."""
        a, b = (self.x1 - self.x0) / 2, (self.y1 - self.y0) / 2
        dx, dy = x - (self.x0 + self.x1) / 2, y - (self.y0 + self.y1) / 2
        return (dx / a) ** 2 + (dy / b) ** 2 <= 1.0

    def corner_near(self, x: float, y: float, reach: float) -> _Corner | None:
        """Return the corner of the rectangle that is nearest within `reach` image pixels."""
        corners: tuple[tuple[_Corner, float, float], ...] = (
            ("x0y0", self.x0, self.y0),
            ("x1y0", self.x1, self.y0),
            ("x0y1", self.x0, self.y1),
            ("x1y1", self.x1, self.y1),
        )
        near = [(max(abs(x - cx), abs(y - cy)), name) for name, cx, cy in corners]
        distance, name = min(near)
        return name if distance <= reach else None


@dataclass(frozen=True)
class _Grip:
    """What the hand holds: a mark, by which part, from which image point on."""

    index: int
    part: _Corner
    x: float
    y: float
    before: Mark


@dataclass(frozen=True)
class MarkBoard:
    """The marks of one image, which is chosen, and what the hand holds.

    `label` and `certainty` are given to the next mark: those that were chosen last.
    """

    width_px: int
    height_px: int
    marks: tuple[Mark, ...] = ()
    chosen: int | None = None
    label: str | None = None
    certainty: int | None = None
    grip: _Grip | None = None

    def press(self, x: float, y: float, *, reach: float) -> "MarkBoard":
        """Take hold of a corner of the chosen mark, of a mark, or begin a new one."""
        if self.chosen is not None:
            corner = self.marks[self.chosen].corner_near(x, y, reach)
            if corner is not None:
                return self._held(self.chosen, corner, x, y)
        for index in reversed(range(len(self.marks))):
            if self.marks[index].holds(x, y):
                return self._held(index, "move", x, y)
        if not (0 <= x <= self.width_px and 0 <= y <= self.height_px):
            return dataclasses.replace(self, chosen=None)
        mark = Mark(x, y, x, y, self.label, self.certainty)
        grip = _Grip(len(self.marks), "new", x, y, mark)
        marks = (*self.marks, mark)
        return dataclasses.replace(self, marks=marks, chosen=len(self.marks), grip=grip)

    def drag(self, x: float, y: float) -> "MarkBoard":
        """Move what the hand holds to an image point; marks stay on the image."""
        if self.grip is None:
            return self
        mark, grip = self.grip.before, self.grip
        if grip.part == "move":
            return self._put(grip.index, self._moved(mark, x - grip.x, y - grip.y))
        inside = min(max(x, 0.0), float(self.width_px)), min(max(y, 0.0), float(self.height_px))
        return self._put(grip.index, _resized(mark, grip.part, *inside))

    def release(self, *, least: float) -> "MarkBoard":
        """Let go; a new mark smaller than `least` image pixels was a click, and goes."""
        grip = self.grip
        if grip is None:
            return self
        mark = self.marks[grip.index]
        if min(mark.x1 - mark.x0, mark.y1 - mark.y0) >= least:
            return dataclasses.replace(self, grip=None)
        if grip.part == "new":
            left = self.marks[: grip.index]
            return dataclasses.replace(self, marks=left, chosen=None, grip=None)
        return dataclasses.replace(self._put(grip.index, grip.before), grip=None)

    def delete(self) -> "MarkBoard":
        """Take the chosen mark away."""
        if self.chosen is None:
            return self
        left = (*self.marks[: self.chosen], *self.marks[self.chosen + 1 :])
        return dataclasses.replace(self, marks=left, chosen=None, grip=None)

    def named(self, label: str) -> "MarkBoard":
        """Give the chosen mark, and those to come, a label."""
        return dataclasses.replace(self._changed(label=label), label=label)

    def rated(self, certainty: int) -> "MarkBoard":
        """Give the chosen mark, and those to come, a certainty."""
        return dataclasses.replace(self._changed(certainty=certainty), certainty=certainty)

    @property
    def missing(self) -> int | None:
        """The first mark that has no label or no certainty; None where all have both."""
        for index, mark in enumerate(self.marks):
            if mark.label is None or mark.certainty is None:
                return index
        return None

    def choose(self, index: int) -> "MarkBoard":
        """Choose a mark."""
        return dataclasses.replace(self, chosen=index)

    def _held(self, index: int, part: _Corner, x: float, y: float) -> "MarkBoard":
        grip = _Grip(index, part, x, y, self.marks[index])
        return dataclasses.replace(self, chosen=index, grip=grip)

    def _put(self, index: int, mark: Mark) -> "MarkBoard":
        marks = (*self.marks[:index], mark, *self.marks[index + 1 :])
        return dataclasses.replace(self, marks=marks)

    def _changed(self, **what: str | int) -> "MarkBoard":
        if self.chosen is None:
            return self
        mark = dataclasses.replace(self.marks[self.chosen], **what)  # type: ignore[arg-type]
        return self._put(self.chosen, mark)

    def _moved(self, mark: Mark, dx: float, dy: float) -> Mark:
        dx = min(max(dx, -mark.x0), self.width_px - mark.x1)
        dy = min(max(dy, -mark.y0), self.height_px - mark.y1)
        return dataclasses.replace(
            mark, x0=mark.x0 + dx, x1=mark.x1 + dx, y0=mark.y0 + dy, y1=mark.y1 + dy
        )


def _resized(mark: Mark, part: _Corner, x: float, y: float) -> Mark:
    """Move one corner of a mark to (x, y); the opposite one stays."""
    if part == "new":
        part = "x1y1"
    fixed_x = mark.x1 if part.startswith("x0") else mark.x0
    fixed_y = mark.y1 if part.endswith("y0") else mark.y0
    return dataclasses.replace(
        mark, x0=min(x, fixed_x), x1=max(x, fixed_x), y0=min(y, fixed_y), y1=max(y, fixed_y)
    )


def findings_of(
    marks: tuple[Mark, ...], reading_id: str, origin: FindingOrigin
) -> list[FindingRecord]:
    """Return marks as findings; from certainty 3 on present, below absent, as REFLACX is read."""
    found = []
    for mark in marks:
        sure = mark.certainty is None or mark.certainty >= _PRESENT_FROM
        assertion: Assertion = "present" if sure else "absent"
        found.append(
            FindingRecord(
                reading_id=reading_id,
                label=mark.label or "",
                assertion=assertion,
                origin=origin,
                certainty=mark.certainty,
                shape="ellipse",
                x0_px=mark.x0,
                y0_px=mark.y0,
                x1_px=mark.x1,
                y1_px=mark.y1,
            )
        )
    return found
