"""How long will a build take, and how large will the dataset be? A few units, made aside, tell."""

import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import msgspec

from gazekit.build.plan import ImageUnit, Plan, ReadingUnit
from gazekit.build.tasks import Missing
from gazekit.build.work import ImageTask, ReadingTask
from gazekit.model.layout import DatasetLayout, UnitLayout

__all__ = ["Estimate", "estimate"]

_IMAGES = 3
_READINGS = 5


class Estimate(msgspec.Struct, frozen=True, kw_only=True):
    """What a dry run expects: seconds of the units to make, bytes of the whole dataset."""

    seconds: float
    size_bytes: int


def estimate(plan: Plan, missing: Missing, layout: DatasetLayout, *, workers: int) -> Estimate:
    """Make a few of the missing units in a passing folder, and reckon from them.

    Of units that are there already, their own sizes count.
    """
    images = _tried(missing.images[:1], _IMAGES)
    readings = _tried(missing.readings[:1], _READINGS)
    seconds = (images[0] * missing.n_images + readings[0] * missing.n_readings) / workers
    units: list[ImageUnit | ReadingUnit] = [*plan.images, *plan.readings]
    absent = {unit.key for unit in missing.units()}
    there = sum(_size(layout.units, unit.key) for unit in units if unit.key not in absent)
    to_come = images[1] * missing.n_images + readings[1] * missing.n_readings
    return Estimate(seconds=round(seconds, 1), size_bytes=round(there + to_come))


def _tried(tasks: Sequence[ImageTask | ReadingTask], count: int) -> tuple[float, float]:
    """Return seconds and bytes a unit, of the first few of a task."""
    if not tasks:
        return 0.0, 0.0
    with tempfile.TemporaryDirectory() as folder:
        units = tasks[0].units[:count]
        task = replace(tasks[0], units=units, root=Path(folder))  # type: ignore[arg-type]
        since = time.perf_counter()
        task.run()
        took = time.perf_counter() - since
        size = sum(_size(task.root, unit.key) for unit in units)
    return took / len(units), size / len(units)


def _size(root: Path, key: str) -> int:
    path = UnitLayout(root, key).unit
    return path.stat().st_size if path.is_file() else 0
