"""Where do the tasks run? In this process, or in a pool of processes."""

import multiprocessing
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from typing import TypeVar

import pyarrow as pa

__all__ = ["run_all"]

T = TypeVar("T")
R = TypeVar("R")


def run_all(function: Callable[[T], R], tasks: Sequence[T], *, workers: int) -> Iterator[R]:
    """Run `function` on every task and yield the results as they come.

    Parameters
    ----------
    function
        Defined at the top of a module, so that another process finds it.
    tasks
        Picklable where `workers` is more than 1.
    workers
        Processes; 1 runs everything here. No more than there are tasks are started.
    """
    workers = min(workers, len(tasks))
    if workers <= 1:
        yield from map(function, tasks)
        return
    # Processes are spawned, not forked: Arrow's threads do not survive a fork.
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(workers, mp_context=context, initializer=_one_thread)
    try:
        yield from _results(pool, function, tasks)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _results(
    pool: ProcessPoolExecutor, function: Callable[[T], R], tasks: Iterable[T]
) -> Iterator[R]:
    for done in as_completed([pool.submit(function, task) for task in tasks]):
        yield done.result()


def _one_thread() -> None:
    pa.set_cpu_count(1)
    pa.set_io_thread_count(1)
