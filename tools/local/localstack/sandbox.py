"""One execution environment of a function: its bootstrap as a process of this machine.

It behaves as on AWS. A process that has answered is frozen until the next invocation. A
process that crashed or exceeded its time limit is replaced at the next invocation. Of our
own environment, the process gets only PATH.
"""

import concurrent.futures
import json
import os
import signal
import subprocess
import threading

from rendezvous import Crashed, Gone, Invocation, Rendezvous, TimedOut
from runtime_api import RuntimeAPI

INIT_LIMIT = 10.0  # seconds until a process must ask for an invocation, as on AWS


class InitFailed(Exception):
    """The process did not ask for an invocation. args[0] is the error as JSON."""


class Sandbox:
    """Calls of invoke must not overlap; stop may be called at any time."""

    # A process ends with the thread that started it (see start), so this thread stays.
    _starter = concurrent.futures.ThreadPoolExecutor(1, "sandbox-starter")

    def __init__(self, api: RuntimeAPI, code: str, env: dict[str, str], log: str, init_limit: float = INIT_LIMIT):
        """code is the folder of the bootstrap, log the file for its output."""
        self._api, self._code, self._env, self._log = api, code, env, log
        self._init_limit = init_limit
        self._lock = threading.Lock()
        self._stopped = False
        self._process: Process | None = None
        self._log_end = 0

    def start(self):
        with self._lock:
            if self._stopped:
                raise InitFailed(error("Runtime.ExitError", "the environment has been stopped"))
            self._process = Process(self._starter, self._api, self._code, self._env, self._log)
        self._process.await_init(self._init_limit)

    def invoke(self, invocation: Invocation) -> tuple[bytes, bool]:
        """Returns the answer and whether it is an error."""
        try:
            return self._deliver(invocation)
        except InitFailed as failed:
            return failed.args[0], True
        except (Crashed, Gone) as crash:
            message = f"RequestId: {invocation.request_id} Error: Runtime exited with error: {crash}"
            return error("Runtime.ExitError", message), True
        except TimedOut:
            self._process.kill()
            message = f"RequestId: {invocation.request_id} Error: Task timed out after {invocation.timeout:.2f} seconds"
            return error("Sandbox.Timedout", message), True

    def _deliver(self, invocation: Invocation) -> tuple[bytes, bool]:
        """Delivers an invocation. If the process ended or got stuck after its last answer, it is
        replaced, once."""
        if self._process is not None and self._process.alive():
            try:
                return self._process.rendezvous.invoke(invocation, self._init_limit)
            except Gone:
                self._process.kill()
        self.start()
        return self._process.rendezvous.invoke(invocation, self._init_limit)

    def stop(self):
        with self._lock:
            self._stopped = True
        if self._process is not None:
            self._process.kill()

    def new_output(self) -> str:
        """Returns the output since the last call."""
        with open(self._log, "rb") as f:
            f.seek(self._log_end)
            text = f.read()
        self._log_end += len(text)
        return text.decode(errors="replace")


class Process:
    def __init__(self, starter, api: RuntimeAPI, code: str, env: dict[str, str], log: str):
        self.rendezvous = Rendezvous(lambda: self._signal(signal.SIGSTOP), lambda: self._signal(signal.SIGCONT))
        self._popen: subprocess.Popen | None = None
        self._api, self._address = api, api.open(self.rendezvous)
        env = {"PATH": os.environ["PATH"], **env, "LAMBDA_TASK_ROOT": code, "AWS_LAMBDA_RUNTIME_API": self._address}
        try:
            self._popen = starter.submit(start, code, env, log).result()
        except OSError as e:
            api.close(self._address)
            raise InitFailed(error("Runtime.InvalidEntrypoint", str(e))) from e
        threading.Thread(target=self._watch, name="sandbox-watch", daemon=True).start()

    def await_init(self, limit: float):
        """Waits until the process asks for an invocation. If it does not within limit seconds,
        kills it and raises InitFailed."""
        try:
            failure = self.rendezvous.await_init(limit)
        except TimeoutError:
            failure = error("Sandbox.Timedout", f"Init timed out after {limit:.2f} seconds")
        if failure is not None:
            self.kill()
            if not isinstance(failure, bytes):
                failure = error("Runtime.ExitError", f"Runtime exited with error: {failure}")
            raise InitFailed(failure)

    def alive(self) -> bool:
        return self._popen.poll() is None

    def kill(self):
        self._signal(signal.SIGKILL)
        self._popen.wait()

    def _signal(self, number: int):
        if self._popen is not None:  # it may call the API before Popen has returned
            self._popen.send_signal(number)

    def _watch(self):
        status = self._popen.wait()
        self._api.close(self._address)
        self.rendezvous.ended(f"exit status {status}" if status >= 0 else f"signal: {signal.Signals(-status).name}")


def start(code: str, env: dict[str, str], log: str) -> subprocess.Popen:
    """Starts a bootstrap that the kernel kills when this process ends, even if it is frozen."""
    bootstrap = os.path.join(code, "bootstrap")
    if not os.access(bootstrap, os.X_OK):
        os.chmod(bootstrap, 0o755)
    with open(log, "ab") as out:
        return subprocess.Popen(["setpriv", "--pdeathsig", "KILL", bootstrap], cwd=code, env=env,
                                stdin=subprocess.DEVNULL, stdout=out, stderr=out)


def error(kind: str, message: str) -> bytes:
    return json.dumps({"errorType": kind, "errorMessage": message}).encode()
