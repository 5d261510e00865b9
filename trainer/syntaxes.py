"""Which signs stand around the numbers of a place: tags, JSON, location tokens or plain lists?"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

__all__ = [
    "JSON_GEMINI",
    "JSON_QWEN",
    "LISTS",
    "LOCATIONS",
    "TAGS",
    "JsonSyntax",
    "ListSyntax",
    "LocationSyntax",
    "Numbers",
    "Syntax",
    "TagSyntax",
]

_NUMBER = r"-?\d{1,7}(?:\.\d{1,9})?"
_GAP = r"\s*,\s*"
_LIST = re.compile(rf"[\[(]\s*({_NUMBER}(?:{_GAP}{_NUMBER}){{1,3}})\s*[\])]")
_OF_BOX, _OF_POINT = 4, 2


@dataclass(frozen=True)
class Numbers:
    """A place as it is written: four numbers of a box, two of a point, each none where absent."""

    box: tuple[str, ...] = ()
    point: tuple[str, ...] = ()
    label: str = ""


class Syntax(Protocol):
    """The signs around numbers."""

    def write(self, places: Sequence[Numbers]) -> str:
        """Return places as text."""
        ...

    def read(self, text: str) -> list[Numbers]:
        """Return the places in a text; what is none is passed over."""
        ...


@dataclass(frozen=True)
class TagSyntax:
    """Qwen2-VL: an object's name and corners between tags of their own."""

    def write(self, places: Sequence[Numbers]) -> str:
        """Return places as text."""
        return "".join(self._written(place) for place in places)

    def read(self, text: str) -> list[Numbers]:
        """Return the places; the tags may have been lost, the brackets may not.

        A point that directly follows a box is the same place's.
        """
        found: list[Numbers] = []
        end = -1
        for match in _TAGGED.finditer(text):
            name, *numbers = match.groups()
            told = tuple(number for number in numbers if number is not None)
            between = text[end : match.start()] if end >= 0 else "-"
            alone = name is not None or between.replace(_BOX_END, "").strip() != ""
            if len(told) == _OF_BOX:
                found.append(Numbers(told, (), (name or "").strip()))
            elif not alone and found and found[-1].box and not found[-1].point:
                found[-1] = Numbers(found[-1].box, told, found[-1].label)
            else:
                found.append(Numbers((), told, (name or "").strip()))
            end = match.end()
        return found

    def _written(self, place: Numbers) -> str:
        label = place.label and f"<|object_ref_start|>{place.label}<|object_ref_end|>"
        box = place.box and f"{_BOX_START}({{}},{{}}),({{}},{{}}){_BOX_END}".format(*place.box)
        point = place.point and f"{_BOX_START}({{}},{{}}){_BOX_END}".format(*place.point)
        return f"{label}{box or ''}{point or ''}"


_BOX_START, _BOX_END = "<|box_start|>", "<|box_end|>"
_PAIR = rf"\(\s*({_NUMBER}){_GAP}({_NUMBER})\s*\)"
_TAGGED = re.compile(
    r"(?:<\|object_ref_start\|>([^<]{0,200})<\|object_ref_end\|>\s*)?(?:<\|box_start\|>\s*)?"
    rf"{_PAIR}(?:{_GAP}{_PAIR})?"
)


@dataclass(frozen=True)
class JsonSyntax:
    """Qwen2.5-VL, Qwen3-VL, Gemini: a JSON list of objects, perhaps in a fence, perhaps cut off."""

    box: str
    point: str

    def write(self, places: Sequence[Numbers]) -> str:
        """Return places as text."""
        return f"[{', '.join(self._written(place) for place in places)}]"

    def read(self, text: str) -> list[Numbers]:
        """Return the places; bare lists of numbers count where there is no object."""
        found = []
        for part in _OBJECT.findall(text):
            box = self._list(part, (self.box, *_OTHER_BOXES), _OF_BOX)
            point = self._list(part, (self.point, *_OTHER_POINTS), _OF_POINT)
            if box or point:
                found.append(Numbers(box, point, _label(part)))
        return found or _lists(text)

    def _written(self, place: Numbers) -> str:
        parts = []
        if place.box:
            parts.append(f'"{self.box}": [{", ".join(place.box)}]')
        if place.point:
            parts.append(f'"{self.point}": [{", ".join(place.point)}]')
        if place.label:
            parts.append(f'"label": {json.dumps(place.label, ensure_ascii=False)}')
        return f"{{{', '.join(parts)}}}"

    @staticmethod
    def _list(part: str, keys: Sequence[str], count: int) -> tuple[str, ...]:
        """Return the `count` numbers under the first of some keys that has them."""
        for key in keys:
            match = re.search(rf'"{key}"\s*:\s*{_LIST.pattern}', part)
            told = tuple(re.split(_GAP, match.group(1))) if match else ()
            if len(told) == count:
                return told
        return ()


_OBJECT = re.compile(r"\{[^{}]*")
_LABEL = re.compile(r'"(?:label|text_content)"\s*:\s*("(?:[^"\\]|\\.)*")')
_OTHER_BOXES = ("bbox_2d", "box_2d", "bbox", "box")
_OTHER_POINTS = ("point_2d", "point")


def _label(part: str) -> str:
    match = _LABEL.search(part)
    if match is None:
        return ""
    try:
        return str(json.loads(match.group(1)))
    except json.JSONDecodeError:
        return ""


@dataclass(frozen=True)
class LocationSyntax:
    """PaliGemma: location tokens, then the label; places parted by semicolons."""

    def write(self, places: Sequence[Numbers]) -> str:
        """Return places as text."""
        return " ; ".join(self._written(place) for place in places)

    def read(self, text: str) -> list[Numbers]:
        """Return the places; a number of tokens that makes none is cut to one that does."""
        found = []
        for part in text.split(";"):
            told = tuple(_LOCATION.findall(part))
            box = told[:_OF_BOX] if len(told) >= _OF_BOX else ()
            rest = told[len(box) :]
            point = rest[:_OF_POINT] if len(rest) >= _OF_POINT else ()
            if box or point:
                found.append(Numbers(box, point, _LOCATION.sub("", part).strip()))
        return found

    def _written(self, place: Numbers) -> str:
        told = "".join(f"<loc{int(number):04d}>" for number in (*place.box, *place.point))
        return f"{told} {place.label}".strip()


_LOCATION = re.compile(r"<loc(\d{4})>")


@dataclass(frozen=True)
class ListSyntax:
    """LLaVA: the label, then lists of numbers in square brackets; places parted by semicolons."""

    def write(self, places: Sequence[Numbers]) -> str:
        """Return places as text."""
        return "; ".join(self._written(place) for place in places)

    def read(self, text: str) -> list[Numbers]:
        """Return the places."""
        return [place for part in text.split(";") for place in _lists(part)]

    def _written(self, place: Numbers) -> str:
        told = [f"[{', '.join(numbers)}]" for numbers in (place.box, place.point) if numbers]
        return " ".join([place.label, *told] if place.label else told)


def _lists(text: str) -> list[Numbers]:
    """Return the places of bare lists: of four numbers a box, of two a point.

    A point that directly follows a box is the same place's; the label stands before.
    """
    found: list[Numbers] = []
    end = 0
    for match in _LIST.finditer(text):
        told = tuple(re.split(_GAP, match.group(1)))
        label = text[end : match.start()].strip(" ,:\n\t")
        if len(told) == _OF_BOX:
            found.append(Numbers(told, (), label))
        elif len(told) == _OF_POINT and found and not label and not found[-1].point:
            found[-1] = Numbers(found[-1].box, told, found[-1].label)
        elif len(told) == _OF_POINT:
            found.append(Numbers((), told, label))
        else:
            continue
        end = match.end()
    return found


TAGS = TagSyntax()
JSON_QWEN = JsonSyntax("bbox_2d", "point_2d")
JSON_GEMINI = JsonSyntax("box_2d", "point")
LOCATIONS = LocationSyntax()
LISTS = ListSyntax()
