"""Where do samples wait between the tracker's thread and the writer's?"""

import collections
import threading
from collections.abc import Sequence
from typing import Generic, TypeVar

__all__ = ["Inbox"]

_T = TypeVar("_T")


class Inbox(Generic[_T]):
    """A bounded queue: `put` never waits and never raises; what does not fit is counted.

    Parameters
    ----------
    capacity
        Rows that may wait.
    """

    def __init__(self, capacity: int) -> None:
        self._items: collections.deque[tuple[_T, int]] = collections.deque()
        self._lock = threading.Lock()
        self._rows = 0
        self._capacity = capacity
        self.lost_rows = 0

    def put(self, item: _T, rows: int = 1) -> None:
        """Add an item of so many rows, or count them lost where the queue is full."""
        with self._lock:
            if self._rows + rows > self._capacity:
                self.lost_rows += rows
                return
            self._items.append((item, rows))
            self._rows += rows

    def take(self) -> Sequence[_T]:
        """Remove and return everything that waits, oldest first."""
        with self._lock:
            items = [item for item, _ in self._items]
            self._items.clear()
            self._rows = 0
        return items
