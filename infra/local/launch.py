"""Starts MiniStack for the local stack. Everything that we change in it is here.

1. Two fixed waits of each invocation are taken out: Nagle's algorithm against
   delayed acknowledgements on the Lambda runtime API (some 40 ms), and a wait for a
   first log line (50 ms).
2. Connections are not closed after a number of requests: a client that sends on a
   connection just then would lose its request.
3. The functions' output is also appended, line by line, to the file that
   INVOCHAIN_FUNCTION_LOG names.

It binds to the address in BIND_HOST.
"""

import os
import socketserver
import sys
import threading

import hypercorn.config
import ministack.core.lambda_runtime as runtime

BRIEF = 0.001  # seconds


def without_waits():
    socketserver.StreamRequestHandler.disable_nagle_algorithm = True
    hypercorn.config.Config.keep_alive_max_requests = 10**9
    drain = runtime.Worker._drain_stderr_bounded
    drain.__defaults__ = tuple(min(d, BRIEF) for d in drain.__defaults__ or ()) or None
    drain.__kwdefaults__ = {k: min(d, BRIEF) for k, d in (drain.__kwdefaults__ or {}).items()} or None


class Tee:
    """A stream of lines that leaves a copy of each in the log."""

    def __init__(self, stream, log, lock, name):
        self.stream, self.log, self.lock, self.name = stream, log, lock, name

    def readline(self):
        line = self.stream.readline()
        if line.strip():
            with self.lock:
                self.log.write(self.name + b" " + line.rstrip(b"\r\n") + b"\n")
        return line

    def close(self):
        self.stream.close()


def with_log(path):
    log, lock = open(path, "ab", buffering=0), threading.Lock()
    pump = runtime.ProvidedWorker._pump_output

    def pump_output(self, stream, log_queue):
        return pump(self, Tee(stream, log, lock, self.func_name.encode()), log_queue)

    runtime.ProvidedWorker._pump_output = pump_output


without_waits()
if os.environ.get("INVOCHAIN_FUNCTION_LOG"):
    with_log(os.environ["INVOCHAIN_FUNCTION_LOG"])

from ministack.app import main  # noqa: E402  the patches come first

sys.exit(main())
