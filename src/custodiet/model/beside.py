"""Work beside other work: one task in a thread of its own, for what leaves the interpreter (hashing, SQL, drawing)."""

import threading
from collections.abc import Callable
from concurrent.futures import Future, wait
from typing import Generic, TypeVar

Result = TypeVar("Result")
# The threads of tasks, some of which may have ended.
_RUNNING: set[threading.Thread] = set()

# An interrupt that comes between two steps of a task is lost, so it is repeated this often, in seconds.
REPEATED = 0.02


class Beside(Generic[Result]):
    """A task that runs while others do. Its error is that of whoever asks for its result."""

    def __init__(self, task: Callable[[], Result]) -> None:
        self._future: Future[Result] = Future()
        self._task = task
        # A run that is stopped does not wait for it.
        thread = threading.Thread(target=self._run, daemon=True)
        thread.start()
        _RUNNING.difference_update([one for one in _RUNNING if not one.is_alive()])
        _RUNNING.add(thread)

    def _run(self) -> None:
        try:
            self._future.set_result(self._task())
        except BaseException as error:
            # It is raised where the result is asked for.
            self._future.set_exception(error)

    def result(self) -> Result:
        """Return what the task returns, when it is done; raise what it raises."""
        return self._future.result()

    def end(self, interrupt: Callable[[], None]) -> None:
        """Interrupt the task, as often as that takes, until it has ended."""
        while not self._future.done():
            interrupt()
            wait([self._future], REPEATED)

    def wait(self) -> None:
        """Wait until the task has ended, however it ends."""
        self._future.exception()


def wait_for_all(seconds: float) -> None:
    """Wait until no task runs any more, each for so many seconds at most.

    A task that outlives the interpreter makes some libraries print lines of their own below a command's one sentence.
    """
    for thread in tuple(_RUNNING):
        thread.join(seconds)
