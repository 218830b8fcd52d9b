"""What lives as long as the process is left out of the collector's passes, each of which would stop a request for it."""

import atexit
import gc

# What is still left out when the interpreter ends is never let go, and some libraries print lines of their own about that.
atexit.register(gc.unfreeze)


def settle() -> None:
    """Leave what is there now out of the passes."""
    loosen()
    gc.collect()
    gc.freeze()


def loosen() -> None:
    """Take everything in again, as some of it is about to be replaced."""
    gc.unfreeze()
