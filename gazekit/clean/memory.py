"""How is memory that an array leaves behind kept for the next one?"""

import numpy as np

__all__ = ["keep_freed_memory"]

_KEPT_BYTES = 31 << 20
"""The C library on Linux raises its thresholds no further than 32 MiB."""


def keep_freed_memory() -> None:
    """Let the C library reuse the memory of freed arrays instead of giving it back each time.

    Where arrays of a few hundred kB come and go, fetching fresh pages from the system takes as
    long as all the computing. glibc adapts to the largest block that was freed ("dynamic mmap
    threshold", mallopt(3)), so that allocating one once, without touching it, is enough; it costs
    no memory. Elsewhere nothing happens.
    """
    np.empty(_KEPT_BYTES, np.uint8)
