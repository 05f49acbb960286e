"""Connects the caller of a function with one process of the function.

The caller offers an invocation and waits for its outcome. The process takes an invocation,
answers it and takes the next. Either may come first, and either may end at any moment.
Every change is made under one lock: of two concurrent events, such as an answer and a
timeout, one is first, and the other one has no effect.
"""

import dataclasses
import threading
import time


@dataclasses.dataclass(frozen=True)
class Invocation:
    """An invocation. timeout is in seconds, from when the process takes the invocation."""

    request_id: str
    arn: str
    trace: str
    payload: bytes
    timeout: float


class Gone(Exception):
    """The process has ended or is stuck, and has not taken the invocation."""


class Crashed(Exception):
    """The process ended while the invocation was in progress."""


class TimedOut(Exception):
    """The process took the invocation and did not answer within its timeout."""


class Rendezvous:
    """Calls on_idle when the process waits and there is no invocation, and on_work when there
    is one. Both are called under the lock."""

    def __init__(self, on_idle=lambda: None, on_work=lambda: None):
        self._changed = threading.Condition()
        self._on_idle, self._on_work = on_idle, on_work
        self._asked = False  # the process asked for an invocation, so its init has ended
        self._init_error: bytes | None = None
        self._ended: str | None = None  # how the process ended
        self._offered: Invocation | None = None
        self._taken: Invocation | None = None
        self._deadline = 0.0
        self._outcome: tuple[bytes, bool] | None = None

    # --- called by the process

    def take(self) -> tuple[Invocation, int] | None:
        """Waits for an invocation and returns it with its deadline, in milliseconds since 1970.
        Returns None if the process has ended."""
        with self._changed:
            self._asked, self._taken = True, None
            self._changed.notify_all()
            if self._offered is None and self._ended is None:
                self._on_idle()
                self._changed.wait_for(lambda: self._offered or self._ended is not None)
            if self._ended is not None:
                return None
            self._taken, self._offered = self._offered, None
            self._deadline = time.monotonic() + self._taken.timeout
            self._changed.notify_all()
            return self._taken, int((time.time() + self._taken.timeout) * 1000)

    def answer(self, request_id: str, body: bytes, is_error: bool) -> bool:
        """Answers the invocation. Returns False if it is not in progress: the answer is late or
        a repetition."""
        with self._changed:
            if self._taken is None or self._taken.request_id != request_id:
                return False
            self._taken, self._outcome = None, (body, is_error)
            self._changed.notify_all()
            return True

    def init_failed(self, error: bytes):
        with self._changed:
            self._init_error = error
            self._changed.notify_all()

    def ended(self, how: str):
        """Records that the process has ended. Only the first call has an effect."""
        with self._changed:
            self._ended = self._ended or how
            self._changed.notify_all()

    # --- called by the caller

    def await_init(self, limit: float) -> str | bytes | None:
        """Waits for the end of the init. Returns None if the process asked for an invocation,
        its error in bytes if it reported one, or how it ended. Raises TimeoutError after limit
        seconds."""
        with self._changed:
            init_over = lambda: self._asked or self._init_error is not None or self._ended is not None
            if not self._changed.wait_for(init_over, limit):
                raise TimeoutError
            return None if self._asked else self._init_error or self._ended

    def invoke(self, invocation: Invocation, take_timeout: float) -> tuple[bytes, bool]:
        """Returns the answer and whether it is an error. Raises Gone if the process does not take
        the invocation within take_timeout seconds; another process can take it then."""
        with self._changed:
            self._outcome, self._offered = None, invocation
            self._on_work()
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._offered is None or self._ended is not None, take_timeout)
            if self._offered is not None:
                self._offered = None
                raise Gone(self._ended or "stuck before it asked for an invocation")
            while self._outcome is None and self._ended is None:
                left = self._deadline - time.monotonic()
                if left <= 0:
                    self._taken = None
                    raise TimedOut
                self._changed.wait(left)
            if self._outcome is None:
                raise Crashed(self._ended)
            return self._outcome
