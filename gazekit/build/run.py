"""How is a dataset built from sources? Plan, make what is missing, pack.

::

    paths --> sources --> plan --> units (only those missing; in parallel) --> pack --> dataset
"""

import os
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from gazekit.build.alike import Alike
from gazekit.build.config import BuildConfig
from gazekit.build.erased import without_erased
from gazekit.build.estimate import Estimate, estimate
from gazekit.build.execute import Executor, ExecutorKind, executor
from gazekit.build.marked import marks_for, unknown_marks, without_marked
from gazekit.build.pack import Packed, choose, decides_of, pack
from gazekit.build.plan import Plan, PlannedSource, ReadingUnit, make_plan
from gazekit.build.prune import drop_scraps, prune
from gazekit.build.seen import SeenSources, dataset_is_as_left, leave_dataset
from gazekit.build.tasks import Missing, Shard, find_missing
from gazekit.build.work import Task
from gazekit.model.dataset import open_dataset
from gazekit.model.errors import EXIT_EXCLUSIONS, EXIT_OK, DataError, ProblemsError, UsageError
from gazekit.model.files import held
from gazekit.model.layout import DatasetLayout
from gazekit.model.marked import Mark
from gazekit.read import Exclusion, Source, SourceOptions, open_sources

__all__ = ["BuildResult", "Running", "build"]

_Progress = Callable[[str, int, int], None]
"""Called with the stage, units done, units in all."""

_SOURCES_A_TASK = 32


class BuildResult(msgspec.Struct, frozen=True, kw_only=True):
    """What a build did.

    `made`, `reused`: units; `gaze_made`: readings whose recording was read for it. `seen`: sources
    that were not read, since sizes and times of their files are as they were. `unchanged`: the
    dataset stands as it stood. `pruned`: units that were removed. `reasons`: exclusions by reason.
    `warnings`: what a person should look at, a line each.
    """

    dataset: str
    dry_run: bool
    made: int
    reused: int
    counts: dict[str, dict[str, int]]
    exclusions: int
    reasons: dict[str, int]
    excluded: tuple[Exclusion, ...]
    gaze_made: int = 0
    seen: int = 0
    unchanged: bool = False
    pruned: tuple[str, ...] = ()
    estimate: Estimate | None = None
    shard: str | None = None
    warnings: tuple[str, ...] = ()

    @property
    def exit_code(self) -> int:
        """0, or 3 where something was left out, or could not be as a person asked."""
        return EXIT_EXCLUSIONS if self.excluded or self.warnings else EXIT_OK


class Running(msgspec.Struct, frozen=True, kw_only=True):
    """How a build runs; none of it changes a byte of the dataset.

    `workers`: as many as there are cores where None. `executor`, `scheduler`: see
    `gazekit.build.execute.executor`. `shard`: make one share of the units, and no dataset;
    `pack_only`: make the dataset, and no unit. `rehash`: trust no size and time of a file. `prune`:
    remove units that the dataset does not need.
    """

    workers: int | None = None
    executor: ExecutorKind = "processes"
    scheduler: str | None = None
    shard: Shard | None = None
    pack_only: bool = False
    rehash: bool = False
    prune: bool = False
    dry_run: bool = False


def build(
    sources: str | Path | Iterable[str | Path | Source],
    out: str | Path,
    *,
    config: BuildConfig | None = None,
    name: str | None = None,
    workers: int | None = None,
    dry_run: bool = False,
    progress: _Progress | None = None,
    kind: str | None = None,
    options: SourceOptions | None = None,
    exclusions: Path | None = None,
    running: Running | None = None,
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
    exclusions
        A file of readings that a person marked to be left out; the one beside `out` where None.
    running
        Where and how it runs; `workers` and `dry_run` go before what it says.

    Returns
    -------
    BuildResult
        With everything that was left out, and why.

    Raises
    ------
    UsageError
        A path is no source, `out` is something else than a dataset, the configuration is wrong.
    DataError
        No reading is left, two readings have one id, an image stands in two splits, or units are
        missing that were to be packed.
    GazekitError
        Another process builds the same dataset.
    """
    run = running or Running()
    run = msgspec.structs.replace(
        run,
        workers=workers or run.workers or _cores(),
        dry_run=dry_run or run.dry_run,
    )
    layout = DatasetLayout(Path(os.path.abspath(out)))  # noqa: PTH100 - resolve() follows links
    _check_place(layout)
    paths = [sources] if isinstance(sources, (str, Path)) else list(sources)
    opened = _unique(
        source
        for path in paths
        for source in (
            open_sources(Path(path), kind=kind, options=options)
            if isinstance(path, (str, Path))
            else [path]
        )
    )
    job = _Job(
        layout=layout,
        config=(config or BuildConfig()).checked(),
        name=name or layout.root.name,
        run=run,
        marks=marks_for(layout, exclusions),
        note=progress or (lambda _stage, _done, _total: None),
    )
    found = job.go(opened)
    return msgspec.structs.replace(found, dataset=str(out))


@dataclass(frozen=True)
class _Job:
    """One build, from its sources to its result."""

    layout: DatasetLayout
    config: BuildConfig
    name: str
    run: Running
    marks: tuple[Mark, ...]
    note: _Progress

    def go(self, sources: Sequence[Source]) -> BuildResult:
        run, layout = self.run, self.layout
        with ExitStack() as stack:
            if not run.dry_run:
                shared = run.shard is not None
                stack.enter_context(held(layout.units, where=layout.root.name, shared=shared))
            workers = run.workers or 1
            pool = stack.enter_context(
                executor(workers, kind=run.executor, scheduler=run.scheduler)
            )
            planned, seen = _planned(
                sources, pool, self.note, layout=layout, rehash=run.rehash, keep=not run.dry_run
            )
            wanted = without_marked(without_erased(planned, layout), self.marks)
            plan = make_plan(wanted, self.config)
            missing = find_missing(plan, layout, run.shard)
            found = self._done(plan, missing, pool, seen)
        return msgspec.structs.replace(found, warnings=unknown_marks(planned, self.marks))

    def _done(self, plan: Plan, missing: Missing, pool: Executor, seen: int) -> BuildResult:
        if self.run.dry_run:
            return self._foretold(plan, missing, seen)
        if self.run.pack_only:
            _refuse_missing(missing)
        elif self.run.shard is None:
            drop_scraps(self.layout)
        _make(missing, pool, self.note)
        if self.run.shard is not None:
            return self._result(plan, missing, seen, Packed({}, plan.excluded, ""))
        return self._packed(plan, missing, seen)

    def _foretold(self, plan: Plan, missing: Missing, seen: int) -> BuildResult:
        reckoned = estimate(plan, missing, self.layout, workers=self.run.workers or 1)
        found = self._result(plan, missing, seen, Packed({}, plan.excluded, ""))
        spare = prune(plan, self.layout, dry_run=True) if self.run.prune else ()
        return msgspec.structs.replace(found, estimate=reckoned, pruned=spare)

    def _packed(self, plan: Plan, missing: Missing, seen: int) -> BuildResult:
        self.note("packing", 0, 1)
        chosen = choose(plan, self.layout.units)
        decides = decides_of(plan, chosen, name=self.name, audit=self.layout.audit)
        same = dataset_is_as_left(self.layout, decides) and not self.run.rehash
        if same:
            counts = open_dataset(self.layout.root).info.counts
            packed = Packed(counts, chosen.excluded, "")
        else:
            packed = pack(plan, chosen, self.layout, name=self.name)
            leave_dataset(self.layout, decides)
        spare = prune(plan, self.layout) if self.run.prune else ()
        found = self._result(plan, missing, seen, packed)
        return msgspec.structs.replace(found, unchanged=same, pruned=spare)

    def _result(self, plan: Plan, missing: Missing, seen: int, packed: Packed) -> BuildResult:
        made = missing.n_images + missing.n_readings
        shard = self.run.shard
        return BuildResult(
            dataset=self.layout.root.name,
            dry_run=self.run.dry_run,
            made=made,
            reused=len(plan.images) + len(plan.readings) - made,
            counts=packed.counts,
            exclusions=len(packed.excluded),
            reasons=dict(sorted(Counter(found.reason for found in packed.excluded).items())),
            excluded=packed.excluded,
            gaze_made=missing.gaze,
            seen=seen,
            shard=None if shard is None else f"{shard.index}/{shard.count}",
        )


def _refuse_missing(missing: Missing) -> None:
    """Refuse to pack while units are missing, and list them."""
    absent = [
        DataError(
            "the unit is missing",
            where=unit.reading.reading_id
            if isinstance(unit, ReadingUnit)
            else unit.image.record.image_id,
            remedy="make it with the same gazekit build --shard i/n, or gazekit build",
        )
        for unit in missing.units()
    ]
    if absent:
        raise ProblemsError(absent)


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


def _planned(
    sources: Sequence[Source],
    pool: Executor,
    note: _Progress,
    *,
    layout: DatasetLayout,
    rehash: bool,
    keep: bool,
) -> tuple[list[PlannedSource], int]:
    """Look into the sources; into those only whose files have changed since the last build."""
    seen, alike = SeenSources(layout), Alike()
    found: dict[Source, PlannedSource] = {}
    for source in sources:
        catalogue = seen.get(source)
        if catalogue is not None and not rehash:
            found[source] = PlannedSource(source, alike.keep(catalogue))
    fresh = [source for source in sources if source not in found]
    note("sources", len(found), len(sources))
    groups = [fresh[i : i + _SOURCES_A_TASK] for i in range(0, len(fresh), _SOURCES_A_TASK)]
    for planned in pool.run(_look, groups):
        for one in planned:
            found[one.source] = replace(one, catalogue=alike.keep(one.catalogue))
            if keep:
                seen.keep(one.source, one.catalogue)
        note("sources", len(found), len(sources))
    return [found[source] for source in sources], len(sources) - len(fresh)


def _look(sources: Sequence[Source]) -> list[PlannedSource]:
    return [PlannedSource(source, source.catalogue()) for source in sources]


def _make(missing: Missing, pool: Executor, note: _Progress) -> None:
    stages: tuple[tuple[str, Sequence[Task]], ...] = (
        ("images", missing.images),
        ("readings", missing.readings),
    )
    for stage, tasks in stages:
        total, done = sum(len(task.units) for task in tasks), 0
        note(stage, 0, total)
        for count in pool.run(_do, tasks):
            done += count
            note(stage, done, total)


def _do(task: Task) -> int:
    return task.run()
