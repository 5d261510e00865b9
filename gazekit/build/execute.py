"""Where do the tasks run? In this process, or in a pool of processes."""

import multiprocessing
import multiprocessing.connection
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from typing import Protocol, TypeVar

import pyarrow as pa

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
                self._workers, mp_context=context, initializer=_quiet_worker
            )
        with _interrupts_held():
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


def _quiet_worker() -> None:
    """Leave threads to the pool, and an interrupt to the process that started it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    pa.set_cpu_count(1)
    pa.set_io_thread_count(1)


def _end_with_parent() -> None:
    """End this process when the one that started it is killed: nobody would give it work again."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        multiprocessing.connection.wait([parent.sentinel])
        os._exit(1)


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Hold Ctrl-C back for a moment: a process started now never sees one, not even at import."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
