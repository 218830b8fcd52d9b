"""Ctrl-C within a statement: DuckDB works outside the interpreter, which acts on no signal until the statement looks up.

A statement may not look up for a minute. So a thread hears of the signal by the file descriptor that Python writes to at
once, and interrupts the statement that the main thread runs; other threads' are theirs to end.
"""

import atexit
import contextlib
import os
import signal
import threading
import time
from collections.abc import Iterator

import duckdb

# An interrupt that comes before a statement has begun is lost, so it is repeated this often, in seconds.
REPEATED = 0.02


class _Listener:
    """The connection of the main thread's statement, if one runs, and the thread that interrupts it."""

    def __init__(self) -> None:
        self.running: list[duckdb.DuckDBPyConnection] | None = None
        self._listens = False

    def start(self) -> None:
        """Listen from now on, where nobody else does: an event loop that has taken the descriptor keeps it."""
        if self._listens:
            return
        self._listens = True
        heard, told = os.pipe()
        os.set_blocking(told, False)
        before = signal.set_wakeup_fd(told, warn_on_full_buffer=False)
        if before != -1:
            signal.set_wakeup_fd(before)
            os.close(heard)
            os.close(told)
            return
        listening = threading.Thread(target=self._listen, args=(heard,), daemon=True)
        listening.start()
        # DuckDB complains at the end of a process whose threads still hold something of it.
        atexit.register(self._stop, told, listening)

    @staticmethod
    def _stop(told: int, listening: threading.Thread) -> None:
        if signal.set_wakeup_fd(-1) == told:
            os.close(told)
            listening.join()

    def _listen(self, heard: int) -> None:
        while numbers := os.read(heard, 64):
            if signal.SIGINT in numbers:
                self._interrupt()

    def _interrupt(self) -> None:
        statement = self.running
        # The signal can break off the line that tells of the statement's end: then its connection is soon closed.
        with contextlib.suppress(duckdb.ConnectionException):
            while statement is not None and statement is self.running:
                statement[0].interrupt()
                time.sleep(REPEATED)


_LISTENER = _Listener()


@contextlib.contextmanager
def stoppable(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Let Ctrl-C be Ctrl-C while a statement runs on a connection: it ends at once, as a `KeyboardInterrupt`.

    DuckDB reports one that comes within a statement as an error of its own, of several kinds.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    _LISTENER.start()
    # A list of its own, so that no other statement is taken for this one.
    _LISTENER.running = [connection]
    try:
        yield
    except (RuntimeError, duckdb.Error) as error:
        if "interrupted" in str(error).lower():
            raise KeyboardInterrupt from None
        raise
    finally:
        _LISTENER.running = None
