"""One execution environment of a function: its bootstrap as a process of this machine.

It keeps what AWS promises. A process that answered is frozen until the next
invocation. One that crashed or ran into its time limit is gone, and the next
invocation starts another. Nothing of our own environment is passed on but PATH.
"""

import concurrent.futures
import json
import os
import signal
import subprocess
import threading

from rendezvous import Crashed, Gone, Invocation, Rendezvous, TimedOut
from runtime_api import RuntimeAPI

INIT_LIMIT = 10.0  # seconds that a process has until it asks for work, as on AWS


class InitFailed(Exception):
    """The process did not come to ask for work; args[0] is the error, as JSON."""


class Sandbox:
    """Calls of invoke come one after the other; stop may come at any time."""

    # Processes die with the thread that started them (see _start): so it is one that stays.
    _starter = concurrent.futures.ThreadPoolExecutor(1, "sandbox-starter")

    def __init__(self, api: RuntimeAPI, code: str, env: dict[str, str], log: str, init_limit: float = INIT_LIMIT):
        """code is the folder of the bootstrap, log the file that gets what it prints."""
        self._api, self._code, self._env, self._log = api, code, env, log
        self._init_limit = init_limit
        self._lock = threading.Lock()
        self._stopped = False
        self._process: Process | None = None
        self._log_end = 0

    def start(self):
        with self._lock:
            if self._stopped:
                raise InitFailed(error("Runtime.ExitError", "the environment is being stopped"))
            self._process = Process(self._starter, self._api, self._code, self._env, self._log)
        self._process.await_init(self._init_limit)

    def invoke(self, invocation: Invocation) -> tuple[bytes, bool]:
        """The answer, and whether it is an error."""
        try:
            return self._deliver(invocation)
        except InitFailed as failed:
            return failed.args[0], True
        except (Crashed, Gone) as crash:
            return error("Runtime.ExitError", f"RequestId: {invocation.request_id} Error: Runtime exited with error: {crash}"), True
        except TimedOut:
            self._process.kill()
            return error("Sandbox.Timedout", f"RequestId: {invocation.request_id} Error: Task timed out after {invocation.timeout:.2f} seconds"), True

    def _deliver(self, invocation: Invocation) -> tuple[bytes, bool]:
        """One that ended since its last answer, or is stuck behind it, is replaced once."""
        if self._process is not None and self._process.alive():
            try:
                return self._process.meeting.invoke(invocation, self._init_limit)
            except Gone:
                self._process.kill()
        self.start()
        return self._process.meeting.invoke(invocation, self._init_limit)

    def stop(self):
        with self._lock:
            self._stopped = True
        if self._process is not None:
            self._process.kill()

    def new_output(self) -> str:
        """What was printed since this was last asked for."""
        with open(self._log, "rb") as f:
            f.seek(self._log_end)
            text = f.read()
        self._log_end += len(text)
        return text.decode(errors="replace")


class Process:
    def __init__(self, starter, api: RuntimeAPI, code: str, env: dict[str, str], log: str):
        self.meeting = Rendezvous(lambda: self._signal(signal.SIGSTOP), lambda: self._signal(signal.SIGCONT))
        self._popen: subprocess.Popen | None = None
        self._api, self._address = api, api.open(self.meeting)
        env = {"PATH": os.environ["PATH"], **env, "LAMBDA_TASK_ROOT": code, "AWS_LAMBDA_RUNTIME_API": self._address}
        try:
            self._popen = starter.submit(start, code, env, log).result()
        except OSError as e:
            api.close(self._address)
            raise InitFailed(error("Runtime.InvalidEntrypoint", str(e))) from e
        threading.Thread(target=self._watch, name="sandbox-watch", daemon=True).start()

    def await_init(self, limit: float):
        """Raises InitFailed, and leaves no process, unless it asks for work within limit."""
        try:
            failure = self.meeting.await_init(limit)
        except TimeoutError:
            failure = error("Sandbox.Timedout", f"Init timed out after {limit:.2f} seconds")
        if failure is not None:
            self.kill()
            raise InitFailed(failure if isinstance(failure, bytes) else error("Runtime.ExitError", f"Runtime exited with error: {failure}"))

    def alive(self) -> bool:
        return self._popen.poll() is None

    def kill(self):
        self._signal(signal.SIGKILL)
        self._popen.wait()

    def _signal(self, number: int):
        if self._popen is not None:  # it may ask for work before its start has returned to us
            self._popen.send_signal(number)

    def _watch(self):
        status = self._popen.wait()
        self._api.close(self._address)
        self.meeting.ended(f"exit status {status}" if status >= 0 else f"signal: {signal.Signals(-status).name}")


def start(code: str, env: dict[str, str], log: str) -> subprocess.Popen:
    """It dies with us, however we end: also when it is frozen and cannot notice."""
    bootstrap = os.path.join(code, "bootstrap")
    if not os.access(bootstrap, os.X_OK):
        os.chmod(bootstrap, 0o755)
    with open(log, "ab") as out:
        return subprocess.Popen(["setpriv", "--pdeathsig", "KILL", bootstrap], cwd=code, env=env,
                                stdin=subprocess.DEVNULL, stdout=out, stderr=out)


def error(kind: str, message: str) -> bytes:
    return json.dumps({"errorType": kind, "errorMessage": message}).encode()
