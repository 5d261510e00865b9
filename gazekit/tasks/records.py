"""What is one sample of a task? Words, an answer, and which pictures stand before them."""

from typing import Literal

import msgspec

from gazekit.model.templates import TASKS, Coordinates, Task

__all__ = ["Frame", "Sample", "TaskOptions"]


class Frame(msgspec.Struct, frozen=True):
    """One rendered frame: a key frame's cluster, or all of its gaze where `order` is None."""

    keyframe_id: str
    order: int | None = None


class Sample(msgspec.Struct, frozen=True, kw_only=True):
    """One sample; the image comes first, then `frames`, then `prompt`.

    `numbered`: the frames are referred to by number, from 1, in the order in which they stand here.
    """

    id: str
    task: Task
    split: str
    reading_id: str
    image_id: str
    prompt: str
    answer: str
    frames: tuple[Frame, ...] = ()
    numbered: bool = False


class TaskOptions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What decides the samples. `seed` chooses phrasings and orders."""

    tasks: tuple[Task, ...] = TASKS
    seed: int = 0
    coordinates: Coordinates = "norm1000"
    split: str | None = None
    limit: int | None = None
    frames: Literal["video", "images"] = "video"
    frame_px: int = 512
