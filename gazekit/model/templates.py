"""How are the pretraining tasks put into words? Versioned phrasings, orders and coordinates.

Everything is a pure function of a seed and the sample's id: the same sample has the same words and
the same order on every machine, whatever else is made beside it.
"""

import hashlib
from collections.abc import Sequence
from typing import Literal

from gazekit.model.errors import UsageError

__all__ = [
    "PHRASES",
    "QUESTIONS",
    "TASKS",
    "TEMPLATE_VERSION",
    "Coordinates",
    "QuestionKind",
    "Task",
    "box_text",
    "order_text",
    "phrase",
    "point_text",
    "restored",
    "shuffled",
]

TEMPLATE_VERSION = "1"
"""Raised by hand whenever a phrasing or the form of an answer changes."""

Task = Literal[
    "trajectory",
    "report",
    "finding",
    "perception",
    "order_global",
    "order_local",
    "grounding",
    "vqa",
]
Coordinates = Literal["norm1000", "pixels"]
"""``norm1000``: whole numbers from 0 to 1000 along each side, as Qwen2-VL has them; ``pixels``: of
the picture that the model is shown, not of the original."""

PHRASES: dict[Task, tuple[str, ...]] = {
    "trajectory": (
        "The frames show, in order, where a radiologist looked. Write the dictated report.",
        "Follow the radiologist's gaze over this chest radiograph and dictate the report.",
        "Given this chest radiograph and the regions inspected in order, write the report.",
    ),
    "report": (
        "Write the report of this chest radiograph.",
        "Read this chest radiograph and dictate the report.",
        "What would a radiologist report for this chest radiograph?",
    ),
    "finding": (
        "The frames show where a radiologist looked before one sentence. Say that sentence.",
        "From the regions that were inspected, say in one sentence what was found there.",
        "Which observation goes with these regions of this chest radiograph?",
    ),
    "perception": (
        'Said: "{text}" List the regions inspected for it in order, then the observation.',
        'Where does one look to say: "{text}" Give the clues in order, then the observation.',
        'Show the visual evidence for: "{text}" First the clues in order, then the observation.',
    ),
    "order_global": (
        "One frame a sentence, out of order. Give their numbers in true order, then the report.",
        "Sort these shuffled frames: list their numbers, first seen first, then the report.",
    ),
    "order_local": (
        'These frames of "{text}" are out of order. Give their numbers in order of inspection.',
        'For "{text}" these frames were shuffled. List their numbers, first inspected first.',
    ),
    "grounding": (
        'Where on this chest radiograph is what is described here: "{text}"',
        'Mark the region that this sentence refers to: "{text}"',
        'Give the box of the finding in: "{text}"',
    ),
    "vqa": (
        "Does this chest radiograph show {label}? Answer yes, no or uncertain.",
        "Is there {label} on this chest radiograph? Answer yes, no or uncertain.",
    ),
}
"""The phrasings of each task; ``{text}`` and ``{label}`` are filled in."""

QuestionKind = Literal["presence", "side", "place", "step"]
QUESTIONS: dict[QuestionKind, tuple[str, ...]] = {
    "presence": ("Is there {label}?", "Does this image show {label}?"),
    "side": ("On which side is the {label}?", "Which side does the {label} lie on?"),
    "place": ("In which zone is the {label}?", "How high does the {label} lie?"),
    "step": ("Which step of the review tells of the {label}?",),
}
"""Short questions with answers of one word, by what they ask; for models trained from scratch."""

TASKS: tuple[Task, ...] = tuple(PHRASES)
"""Every task, in the order of the paper's modules; grounding and questions last."""

_THOUSAND = 1000


def phrase(task: Task, sample_id: str, *, seed: int, **filled: str) -> str:
    """Return the wording of one sample's prompt, chosen by `seed` and `sample_id` alone."""
    choices = PHRASES[task]
    chosen = choices[_number(seed, task, sample_id) % len(choices)]
    for name, value in filled.items():
        chosen = chosen.replace("{" + name + "}", value)
    return chosen


def shuffled(count: int, sample_id: str, *, seed: int) -> tuple[int, ...]:
    """Return in which order `count` items are shown: item ``result[0]`` comes first.

    Never the true order, which would teach nothing where it stood; so below three items, where
    only one other order is left, there is none.

    Raises
    ------
    UsageError
        Fewer than three items.
    """
    least = 3
    if count < least:
        raise UsageError("too few items for an order", expected=f">= {least}", found=count)
    for attempt in range(_THOUSAND):
        ranked = sorted(range(count), key=lambda i: _number(seed, attempt, sample_id, i))
        if ranked != list(range(count)):
            return tuple(ranked)
    raise UsageError("no order was found")  # pragma: no cover - 1 in 6 to the power of 1,000


def restored(shown: Sequence[int]) -> tuple[int, ...]:
    """Return which of the shown items come first, second, ... in truth; from 0.

    `shown` says which item stands at each place; this says at which place each item stands, its
    inverse: ``[shown[place] for place in restored(shown)]`` is ``0, 1, 2, ...``.
    """
    return tuple(sorted(range(len(shown)), key=lambda place: shown[place]))


def order_text(places: Sequence[int]) -> str:
    """Return places, from 0, as frame numbers, from 1, apart enough for two digits."""
    return ", ".join(str(place + 1) for place in places)


def box_text(
    box_px: tuple[float, float, float, float],
    *,
    image_px: tuple[float, float],
    picture_px: tuple[float, float],
    coordinates: Coordinates,
) -> str:
    """Return a box as ``[x0, y0, x1, y1]``.

    Parameters
    ----------
    box_px
        In pixels of the original image.
    image_px, picture_px
        (width, height) of the original, and of the picture that the model is shown.
    coordinates
        Which numbers to write.
    """
    first = _scaled(box_px[:2], image_px, picture_px, coordinates)
    last = _scaled(box_px[2:], image_px, picture_px, coordinates)
    return f"[{first[0]}, {first[1]}, {last[0]}, {last[1]}]"


def point_text(
    point_px: tuple[float, float],
    *,
    image_px: tuple[float, float],
    picture_px: tuple[float, float],
    coordinates: Coordinates,
) -> str:
    """Return a point as ``[x, y]``; see `box_text`."""
    x, y = _scaled(point_px, image_px, picture_px, coordinates)
    return f"[{x}, {y}]"


def _scaled(
    point: Sequence[float],
    image_px: tuple[float, float],
    picture_px: tuple[float, float],
    coordinates: Coordinates,
) -> tuple[int, int]:
    full = picture_px if coordinates == "pixels" else (_THOUSAND, _THOUSAND)
    x, y = (
        min(max(round(along / size * most), 0), round(most))
        for along, size, most in zip(point, image_px, full, strict=True)
    )
    return x, y


def _number(*parts: object) -> int:
    digest = hashlib.sha256("\x1f".join(map(str, parts)).encode()).digest()
    return int.from_bytes(digest[:8], "big")
