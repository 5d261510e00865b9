"""How is a dataset built from sources? Plan, make what is missing, pack.

::

    paths --> sources --> plan --> units (only those missing; in parallel) --> pack --> dataset
"""

import os
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import msgspec

from gazekit.build.config import BuildConfig
from gazekit.build.erased import without_erased
from gazekit.build.execute import Executor, executor
from gazekit.build.pack import Packed, pack
from gazekit.build.plan import ImageUnit, Plan, PlannedSource, ReadingUnit, make_plan
from gazekit.build.store import read_unit
from gazekit.build.work import ImageTask, ReadingTask, Task
from gazekit.model.errors import EXIT_EXCLUSIONS, EXIT_OK, UsageError
from gazekit.model.files import held
from gazekit.model.layout import DatasetLayout
from gazekit.read import Exclusion, Source, SourceOptions, open_sources

__all__ = ["BuildResult", "build"]

_Progress = Callable[[str, int, int], None]
"""Called with the stage, units done, units in all."""

_IMAGES_A_TASK = 32
_READINGS_A_TASK = 32
_SOURCES_A_TASK = 32


class BuildResult(msgspec.Struct, frozen=True, kw_only=True):
    """What a build did. `made`, `reused`: units; `reasons`: exclusions by reason code."""

    dataset: str
    dry_run: bool
    made: int
    reused: int
    counts: dict[str, dict[str, int]]
    exclusions: int
    reasons: dict[str, int]
    excluded: tuple[Exclusion, ...]

    @property
    def exit_code(self) -> int:
        """0, or 3 where something was left out."""
        return EXIT_EXCLUSIONS if self.excluded else EXIT_OK


def build(
    sources: str | Path | Iterable[str | Path],
    out: str | Path,
    *,
    config: BuildConfig | None = None,
    name: str | None = None,
    workers: int | None = None,
    dry_run: bool = False,
    progress: _Progress | None = None,
    kind: str | None = None,
    options: SourceOptions | None = None,
) -> BuildResult:
    """Build a dataset of key frames from sessions or source descriptions.

    Parameters
    ----------
    sources
        Session folders, folders of ``ses-*`` folders, source descriptions, published datasets.
    out
        The dataset's folder. One that is there is replaced when the new one is whole; parts
        that have not changed are taken over.
    config
        What decides the content; defaults where None.
    name
        The dataset's name; the folder's where None.
    workers
        Processes; as many as there are cores where None.
    dry_run
        Say what would be done; write nothing.
    progress
        Called as units are done.
    kind
        What kind of source every path is; told by the content of each where None.
    options
        Where the images of a published dataset lie, and how its identifiers are replaced.

    Returns
    -------
    BuildResult
        With everything that was left out, and why.

    Raises
    ------
    UsageError
        A path is no source, `out` is something else than a dataset, the configuration is wrong.
    DataError
        No reading is left, two readings have one id, an image stands in two splits.
    GazekitError
        Another process builds the same dataset.
    """
    chosen = (config or BuildConfig()).checked()
    layout = DatasetLayout(Path(os.path.abspath(out)))  # noqa: PTH100 - resolve() follows links
    _check_place(layout)
    paths = [sources] if isinstance(sources, (str, Path)) else list(sources)
    processes = workers if workers is not None else _cores()
    note: _Progress = progress or (lambda _stage, _done, _total: None)
    opened = _unique(
        source for path in paths for source in open_sources(Path(path), kind=kind, options=options)
    )
    with executor(processes) as pool:
        plan = make_plan(without_erased(_catalogues(opened, pool, note), layout), chosen)
        images, readings = _missing(plan, layout)
        if dry_run:
            packed = Packed({}, plan.excluded, "")
        else:
            with held(layout.units, where=layout.root.name):
                _run("images", _image_tasks(images, plan, layout), pool, note)
                _run("readings", _reading_tasks(readings, plan, layout), pool, note)
                note("packing", 0, 1)
                packed = pack(plan, layout, name=name or layout.root.name)
    made = len(images) + len(readings)
    return BuildResult(
        dataset=str(out),
        dry_run=dry_run,
        made=made,
        reused=len(plan.images) + len(plan.readings) - made,
        counts=packed.counts,
        exclusions=len(packed.excluded),
        reasons=dict(sorted(Counter(found.reason for found in packed.excluded).items())),
        excluded=packed.excluded,
    )


def _check_place(layout: DatasetLayout) -> None:
    root = layout.root
    if root.exists() and not layout.info.is_file() and (root.is_file() or any(root.iterdir())):
        raise UsageError(
            "there is something else than a dataset",
            where=root.name,
            expected="a new folder, an empty one or a built dataset",
            remedy="choose another --out",
        )
    if any(DatasetLayout(parent).info.is_file() for parent in root.parents):
        raise UsageError(
            "it would stand inside another dataset", where=root.name, remedy="choose another --out"
        )
    if not root.parent.is_dir():
        raise UsageError("no such folder", where=root.parent.name, remedy="make it, or check --out")


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _unique(sources: Iterable[Source]) -> list[Source]:
    """Leave out a source that was named twice."""
    return list(dict.fromkeys(sources))


def _catalogues(sources: Sequence[Source], pool: Executor, note: _Progress) -> list[PlannedSource]:
    groups = [sources[i : i + _SOURCES_A_TASK] for i in range(0, len(sources), _SOURCES_A_TASK)]
    found: dict[Source, PlannedSource] = {}
    for planned in pool.run(_look, groups):
        found.update((p.source, p) for p in planned)
        note("sources", len(found), len(sources))
    return [found[source] for source in sources]


def _look(sources: Sequence[Source]) -> list[PlannedSource]:
    return [PlannedSource(source, source.catalogue()) for source in sources]


def _missing(plan: Plan, layout: DatasetLayout) -> tuple[list[ImageUnit], list[ReadingUnit]]:
    images = [unit for unit in plan.images if not _tried(unit, layout)]
    readings = [unit for unit in plan.readings if read_unit(layout.units, unit.key) is None]
    return images, readings


def _tried(unit: ImageUnit, layout: DatasetLayout) -> bool:
    """Say whether an image is made, and every copy of it that is given now was decoded for it."""
    record = read_unit(layout.units, unit.key)
    return record is not None and unit.copies.keys() <= set(record.tried)


def _image_tasks(images: Sequence[ImageUnit], plan: Plan, layout: DatasetLayout) -> list[Task]:
    groups = [images[i : i + _IMAGES_A_TASK] for i in range(0, len(images), _IMAGES_A_TASK)]
    return [ImageTask(tuple(group), layout.units, plan.config) for group in groups]


def _reading_tasks(
    readings: Sequence[ReadingUnit], plan: Plan, layout: DatasetLayout
) -> list[Task]:
    """Group readings by source, so that a stream is walked once for many of them."""
    by_source: dict[int, list[ReadingUnit]] = defaultdict(list)
    for unit in readings:
        by_source[unit.source].append(unit)
    tasks: list[Task] = []
    for index, units in sorted(by_source.items()):
        units.sort(key=lambda unit: unit.reading.onset_us)
        for i in range(0, len(units), _READINGS_A_TASK):
            group = tuple(units[i : i + _READINGS_A_TASK])
            tasks.append(ReadingTask(plan.sources[index], group, layout.units, plan.config))
    return tasks


def _run(stage: str, tasks: Sequence[Task], pool: Executor, note: _Progress) -> None:
    total = sum(len(task.units) for task in tasks)
    note(stage, 0, total)
    done = 0
    for count in pool.run(_do, tasks):
        done += count
        note(stage, done, total)


def _do(task: Task) -> int:
    return task.run()
