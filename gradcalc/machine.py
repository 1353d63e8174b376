"""What the machine has."""

import os
from contextlib import suppress
from functools import cache

#: Taken for granted where the machine does not say.
USUAL = 16 << 30


@cache
def memory() -> int:
    """The memory that this process can have at the most, in bytes: the machine's, or the limit of
    its control group."""
    limits = []
    with suppress(OSError, ValueError, AttributeError):
        limits.append(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
    for path in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        with suppress(OSError, ValueError), open(path, encoding="ascii") as file:
            limits.append(int(file.read()))
    return min((limit for limit in limits if limit > 0), default=USUAL)


def room() -> int:
    """The bytes that arrays may take: half of the memory. The rest is for what is in between while
    they, and their gradients, are worked out."""
    return memory() // 2


def shown_bytes(size: int) -> str:
    """A number of bytes in words: ``8.0 TB``."""
    if size > 10**36:
        return "more than 10^18 EB"
    amount = float(size)
    for unit in ("bytes", "kB", "MB", "GB", "TB", "PB"):
        if amount < 1000:
            return f"{amount:.1f} {unit}"
        amount /= 1000
    return f"{amount:.3g} EB"
