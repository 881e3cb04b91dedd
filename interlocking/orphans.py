"""Children that must not outlive us, not even when we are killed: an open tunnel to production, an upgrade."""

from __future__ import annotations

import ctypes
import signal
import sys

_ON_PARENTS_DEATH = 1  # PR_SET_PDEATHSIG of prctl(2)
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None  # loaded before the fork, after which nothing may lock


def interrupt_with_us() -> None:
    """Have the kernel interrupt this process when its parent dies; for `preexec` of `process.spawn`.

    Linux alone can do that; elsewhere a killed parent leaves its child behind.
    """
    if _LIBC is not None:
        _LIBC.prctl(_ON_PARENTS_DEATH, signal.SIGINT)
