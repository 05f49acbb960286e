"""Where a caller and one process of a function meet.

The caller offers an invocation and waits for its outcome; the process asks for
one, answers it, and asks again. Either may come first, either may go away at any
moment. Every change is made under one lock, so of two things that happen at once,
an answer and a timeout, say, one is first and the other finds it done.
"""

import dataclasses
import threading
import time


@dataclasses.dataclass(frozen=True)
class Invocation:
    """What the process is given; timeout in seconds, counted from the moment it takes it."""

    request_id: str
    arn: str
    trace: str
    payload: bytes
    timeout: float


class Gone(Exception):
    """The process ended, or never asked: it has not seen the invocation."""


class Crashed(Exception):
    """The process ended while it worked on the invocation."""


class TimedOut(Exception):
    """The process took the invocation and did not answer in time."""


class Rendezvous:
    """on_idle is called, under the lock, when the process waits and there is nothing to do;
    on_work when it is about to be given something."""

    def __init__(self, on_idle=lambda: None, on_work=lambda: None):
        self._changed = threading.Condition()
        self._on_idle, self._on_work = on_idle, on_work
        self._asked = False  # it asked for work at least once: its init is over
        self._init_error: bytes | None = None
        self._ended: str | None = None  # how
        self._offered: Invocation | None = None
        self._taken: Invocation | None = None
        self._deadline = 0.0
        self._outcome: tuple[bytes, bool] | None = None

    # --- the process's side

    def take(self) -> tuple[Invocation, int] | None:
        """Waits for an invocation; gives it with its deadline in milliseconds since 1970.
        None once the process has ended."""
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
        """False for what nobody waits for any more: it came too late, or a second time."""
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
        """The process is no more. The first who says so is believed."""
        with self._changed:
            self._ended = self._ended or how
            self._changed.notify_all()

    # --- the caller's side

    def await_init(self, limit: float) -> str | bytes | None:
        """None when the process has asked for work; its own error; or how it ended.
        Raises TimeoutError after limit seconds."""
        with self._changed:
            over = lambda: self._asked or self._init_error is not None or self._ended is not None
            if not self._changed.wait_for(over, limit):
                raise TimeoutError
            return None if self._asked else self._init_error or self._ended

    def invoke(self, invocation: Invocation, patience: float) -> tuple[bytes, bool]:
        """The answer, and whether it is an error. Raises Gone if the process does not take
        the invocation within patience seconds: it can be given to another then."""
        with self._changed:
            self._outcome, self._offered = None, invocation
            self._on_work()
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._offered is None or self._ended is not None, patience)
            if self._offered is not None:
                self._offered = None
                raise Gone(self._ended or "stuck before it asked for work")
            while self._outcome is None and self._ended is None:
                left = self._deadline - time.monotonic()
                if left <= 0:
                    self._taken = None
                    raise TimedOut
                self._changed.wait(left)
            if self._outcome is None:
                raise Crashed(self._ended)
            return self._outcome
