"""How is a long text taken in pieces of whole lines, the next ones parsed while one is used?"""

import os
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

__all__ = ["parsed_ahead", "pieces_of"]

_Parsed = TypeVar("_Parsed")

_THREADS = 4


def pieces_of(path: Path, size: int) -> Iterator[bytes]:
    """Yield the lines after the first, in pieces of about `size` bytes that end with a line."""
    with path.open("rb") as file:
        file.readline()
        rest = b""
        while block := file.read(size):
            end = block.rfind(b"\n") + 1
            if end:
                yield rest + block[:end]
                rest = block[end:]
            else:
                rest += block
        if rest:
            yield rest


def parsed_ahead(
    parse: Callable[[bytes], _Parsed], pieces: Iterable[bytes]
) -> Generator[_Parsed, None, None]:
    """Yield what `parse` makes of each piece, in order; a few pieces are parsed ahead in threads.

    An error of `parse` is raised when the turn of its piece comes.
    """
    threads = min(_THREADS, _cores())
    waiting: deque[Future[_Parsed]] = deque()
    with ThreadPoolExecutor(threads) as pool:
        try:
            for piece in pieces:
                waiting.append(pool.submit(parse, piece))
                if len(waiting) > threads + 1:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()


def _cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
