"""Where do the tasks run? In this process, or in a pool of processes."""

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from typing import Protocol, TypeVar

from gazekit.model.workers import interrupts_held, quiet_worker

__all__ = ["Executor", "Processes", "Serial", "executor"]

_T = TypeVar("_T")
_R = TypeVar("_R")


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
    results are pickled.
    """

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self._pool: ProcessPoolExecutor | None = None

    def run(self, function: Callable[[_T], _R], tasks: Sequence[_T]) -> Iterator[_R]:
        """Yield the results as they come."""
        if len(tasks) <= 1:
            yield from map(function, tasks)
            return
        if self._pool is None:
            context = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(
                self._workers, mp_context=context, initializer=quiet_worker
            )
        with interrupts_held():
            submitted = [self._pool.submit(function, task) for task in tasks]
        for done in as_completed(submitted):
            yield done.result()

    def close(self) -> None:
        """End the processes; tasks that have not begun are dropped."""
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)


@contextmanager
def executor(workers: int) -> Iterator[Executor]:
    """Give an executor of so many processes, this one alone for 1; it ends with the block."""
    if workers <= 1:
        yield Serial()
        return
    pool = Processes(workers)
    try:
        yield pool
    finally:
        pool.close()
