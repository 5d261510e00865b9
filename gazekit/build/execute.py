"""Where do the tasks run? In this process, or in a pool of processes; see also `cluster`."""

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from typing import Literal, Protocol, TypeVar

from gazekit.model.errors import GazekitError, UsageError
from gazekit.model.workers import interrupts_held, quiet_worker

__all__ = ["Executor", "ExecutorKind", "Processes", "Serial", "executor"]

_T = TypeVar("_T")
_R = TypeVar("_R")

ExecutorKind = Literal["serial", "processes", "dask"]

_MOST_DEATHS = 3


class Executor(Protocol):
    """Runs a function on tasks; where is its own affair."""

    def run(self, function: Callable[[_T], _R], tasks: Sequence[_T]) -> Iterator[_R]:
        """Yield the result of `function` on every task, in any order."""


class Serial:
    """One task after the other, here."""

    def run(self, function: Callable[[_T], _R], tasks: Sequence[_T]) -> Iterator[_R]:
        """Yield the results in the order of the tasks."""
        return map(function, tasks)


class Processes:
    """A pool of processes, started when there is more than one task, and kept for the next ones.

    Processes are spawned, not forked: Arrow's threads do not survive a fork. Function, tasks and
    results are pickled. Where a process is killed, a new pool does what was not done.
    """

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self._pool: ProcessPoolExecutor | None = None

    def run(self, function: Callable[[_T], _R], tasks: Sequence[_T]) -> Iterator[_R]:
        """Yield the results as they come.

        Raises
        ------
        GazekitError
            Processes die again and again, and nothing gets done.
        """
        if len(tasks) <= 1:
            yield from map(function, tasks)
            return
        left, deaths = dict(enumerate(tasks)), 0
        while left:
            try:
                for index, result in self._round(function, left):
                    del left[index]
                    deaths = 0
                    yield result
            except BrokenProcessPool as error:
                self.close()
                deaths += 1
                if deaths >= _MOST_DEATHS:
                    raise GazekitError(
                        "the worker processes die",
                        found=f"{deaths} times in a row, {len(left)} tasks left",
                        remedy="see whether memory is short, give fewer --workers, and run it "
                        "again: what is done stays",
                    ) from error

    def _round(self, function: Callable[[_T], _R], left: dict[int, _T]) -> Iterator[tuple[int, _R]]:
        if self._pool is None:
            context = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(
                self._workers, mp_context=context, initializer=quiet_worker
            )
        with interrupts_held():
            submitted = {self._pool.submit(function, task): i for i, task in left.items()}
        for done in as_completed(submitted):
            # A future that is kept keeps its result.
            yield submitted.pop(done), done.result()

    def close(self) -> None:
        """End the processes; tasks that have not begun are dropped."""
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._pool = None


@contextmanager
def executor(
    workers: int, *, kind: ExecutorKind = "processes", scheduler: str | None = None
) -> Iterator[Executor]:
    """Give an executor of so many workers; it ends with the block.

    Parameters
    ----------
    workers
        How many; one process is this one alone.
    kind
        ``dask`` needs the package distributed.
    scheduler
        The address of a running Dask scheduler; without one, a cluster is started here.

    Raises
    ------
    UsageError
        A scheduler is named for another kind.
    """
    if scheduler is not None and kind != "dask":
        raise UsageError("a scheduler needs --executor dask", where="--scheduler", found=kind)
    if kind == "dask":
        from gazekit.build.cluster import cluster

        with cluster(workers, scheduler) as far:
            yield far
    elif kind == "serial" or workers <= 1:
        yield Serial()
    else:
        pool = Processes(workers)
        try:
            yield pool
        finally:
            pool.close()
