"""The memory that arrays leave behind."""

from contextlib import suppress

import numpy as np

#: Bytes: a little less than the 32 MiB that GNU's malloc always maps.
BLOCK = (1 << 25) - (1 << 13)


def keep_freed_memory() -> None:
    """Have memory that is freed used again, and not given back to the system.

    A gate makes arrays, and lets go of them soon. To get a page from the system, cleared, takes
    several times as long as to compute what is put there. GNU's malloc gives back what is free at
    the top of its heap, if that is more than twice the biggest block that it has mapped and seen
    freed; bigger blocks it maps anew each time. A block of 32 MiB is the biggest that counts
    (M_MMAP_THRESHOLD and M_TRIM_THRESHOLD in its manual), so that a process keeps up to 64 MiB.
    Other allocators have no such rules. No page of this block is ever used.
    """
    with suppress(MemoryError):
        np.empty(BLOCK, np.uint8)
