"""How do tasks run on a Dask cluster: one that is there, or one of this machine's own?

Workers see the sources and the folder of units under the same paths, and have gazekit installed.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from gazekit.model.errors import GazekitError, UnfitError, UsageError

if TYPE_CHECKING:
    from gazekit.build.execute import Executor

__all__ = ["cluster"]

_T = TypeVar("_T")
_R = TypeVar("_R")

_WAIT_S = 20


class _Cluster:
    """Tasks on the workers of a Dask scheduler; one whose worker dies runs on another."""

    def __init__(self, client: Any, completed: Any) -> None:  # noqa: ANN401 - it has no types
        self._client = client
        self._completed = completed

    def run(self, function: Callable[[_T], _R], tasks: Sequence[_T]) -> Iterator[_R]:
        """Yield the results as they come."""
        from distributed import KilledWorker

        futures = [self._client.submit(function, task, pure=False) for task in tasks]
        try:
            for done in self._completed(futures):
                yield done.result()
        except KilledWorker as error:
            raise GazekitError(
                "the workers of the cluster die",
                remedy="see whether their memory is short, and run it again: what is done stays",
            ) from error
        finally:
            self._client.cancel(futures)


@contextmanager
def cluster(workers: int, scheduler: str | None) -> "Iterator[Executor]":
    """Connect to a scheduler, or start a cluster of local processes that ends with the block.

    Raises
    ------
    UnfitError
        The package distributed is not installed.
    UsageError
        No scheduler answers at the address.
    """
    try:
        import distributed as _distributed
    except ImportError as error:
        raise UnfitError(
            "Dask is not installed", remedy='type: pip install "gazekit[dask]"'
        ) from error
    distributed: Any = _distributed
    completed = distributed.as_completed
    if scheduler is None:
        local = distributed.LocalCluster(
            n_workers=workers, threads_per_worker=1, dashboard_address=None, silence_logs=50
        )
        with local, distributed.Client(local) as client:
            yield _Cluster(client, completed)
        return
    try:
        client = distributed.Client(scheduler, timeout=_WAIT_S)
    except (OSError, TimeoutError, ValueError) as error:
        raise UsageError(
            "no Dask scheduler answers",
            where="--scheduler",
            expected="an address such as tcp://HOST:8786",
            found=scheduler,
            remedy="start one with: dask scheduler",
        ) from error
    with client:
        yield _Cluster(client, completed)
