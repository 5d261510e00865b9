"""Which units are missing, and how are they grouped into tasks for the workers?"""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from gazekit.build.plan import ImageUnit, Plan, ReadingUnit
from gazekit.build.store import read_unit
from gazekit.build.work import ImageTask, ReadingTask
from gazekit.model.errors import UsageError
from gazekit.model.layout import DatasetLayout

__all__ = ["Missing", "Shard", "find_missing"]

_IMAGES_A_TASK = 32
_READINGS_A_TASK = 32


@dataclass(frozen=True)
class Shard:
    """One of `count` equal shares of the work; `index` from 1."""

    index: int
    count: int

    @classmethod
    def of(cls, text: str) -> "Shard":
        """Read ``i/n``.

        Raises
        ------
        UsageError
            It is something else.
        """
        found = re.fullmatch(r"(\d{1,6})/(\d{1,6})", text)
        if found and 1 <= int(found[1]) <= int(found[2]):
            return cls(int(found[1]), int(found[2]))
        raise UsageError("not a share", where="--shard", expected="i/n, as 1/8 to 8/8", found=text)


@dataclass(frozen=True)
class Missing:
    """The tasks that make what is missing; `gaze`: readings whose recording has to be read."""

    images: tuple[ImageTask, ...]
    readings: tuple[ReadingTask, ...]
    gaze: int

    @property
    def n_images(self) -> int:
        """How many images are missing."""
        return sum(len(task.units) for task in self.images)

    @property
    def n_readings(self) -> int:
        """How many readings are missing."""
        return sum(len(task.units) for task in self.readings)

    def units(self) -> list[ImageUnit | ReadingUnit]:
        """List what is missing."""
        images = [unit for image_task in self.images for unit in image_task.units]
        return [*images, *(unit for task in self.readings for unit in task.units)]


def find_missing(plan: Plan, layout: DatasetLayout, shard: Shard | None = None) -> Missing:
    """Group the units into tasks, take one share of these, and leave out what is there already.

    Shares depend on the plan alone, so that no unit is made twice or by nobody.
    """
    images = _share(_image_tasks(plan.images, plan, layout), shard)
    readings = _share(_reading_tasks(plan.readings, plan, layout), shard)
    image_tasks = [
        replace(task, units=tuple(u for u in task.units if not _tried(u, layout)))
        for task in images
    ]
    gaze = 0
    reading_tasks = []
    for task in readings:
        placed = {u.key: read_unit(layout.units, u.gaze_key) is not None for u in task.units}
        units = tuple(
            u for u in task.units if not placed[u.key] or read_unit(layout.units, u.key) is None
        )
        gaze += sum(not placed[u.key] for u in units)
        reading_tasks.append(replace(task, units=units))
    return Missing(
        tuple(image_task for image_task in image_tasks if image_task.units),
        tuple(task for task in reading_tasks if task.units),
        gaze,
    )


def _share(tasks: list, shard: Shard | None) -> list:  # type: ignore[type-arg]
    return tasks if shard is None else tasks[shard.index - 1 :: shard.count]


def _tried(unit: ImageUnit, layout: DatasetLayout) -> bool:
    """Say whether an image is made, and every copy of it that is given now was decoded for it."""
    record = read_unit(layout.units, unit.key)
    return record is not None and unit.copies.keys() <= set(record.tried)


def _image_tasks(images: Sequence[ImageUnit], plan: Plan, layout: DatasetLayout) -> list[ImageTask]:
    groups = [images[i : i + _IMAGES_A_TASK] for i in range(0, len(images), _IMAGES_A_TASK)]
    return [ImageTask(tuple(group), layout.units, plan.config) for group in groups]


def _reading_tasks(
    readings: Sequence[ReadingUnit], plan: Plan, layout: DatasetLayout
) -> list[ReadingTask]:
    """Group readings by source, so that a stream is walked once for many of them."""
    by_source: dict[int, list[ReadingUnit]] = defaultdict(list)
    for unit in readings:
        by_source[unit.source].append(unit)
    tasks: list[ReadingTask] = []
    for index, units in sorted(by_source.items()):
        units.sort(key=lambda unit: unit.reading.onset_us)
        for i in range(0, len(units), _READINGS_A_TASK):
            group = tuple(units[i : i + _READINGS_A_TASK])
            tasks.append(ReadingTask(plan.sources[index], group, layout.units, plan.config))
    return tasks
