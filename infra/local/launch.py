"""Starts MiniStack for the local stack. Everything that we change in it is here.

1. Whatever it listens on is bound to loopback, not to all interfaces.
2. Two fixed waits of each invocation are taken out: Nagle's algorithm against
   delayed acknowledgements on the Lambda runtime API (some 40 ms), and a wait for a
   first log line (50 ms).
3. Connections are not closed after a number of requests: a client that sends on a
   connection just then would lose its request.
4. The functions' output is also appended, line by line, to the file that
   INVOCHAIN_FUNCTION_LOG names.
"""

import os
import socket
import socketserver
import sys
import threading

import hypercorn.config
import ministack.core.lambda_runtime as runtime

BRIEF = 0.001  # seconds


def on_loopback():
    os.environ["BIND_HOST"] = "127.0.0.1"
    loopback = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}
    bind = socket.socket.bind

    def bind_loopback(self, address):
        if self.family in (socket.AF_INET, socket.AF_INET6):
            address = (loopback.get(address[0], address[0]), *address[1:])
        return bind(self, address)

    socket.socket.bind = bind_loopback


def without_waits():
    socketserver.StreamRequestHandler.disable_nagle_algorithm = True
    drain = runtime.Worker._drain_stderr_bounded
    drain.__defaults__ = tuple(min(d, BRIEF) for d in drain.__defaults__ or ()) or None
    drain.__kwdefaults__ = {k: min(d, BRIEF) for k, d in (drain.__kwdefaults__ or {}).items()} or None


def with_lasting_connections():
    hypercorn.config.Config.keep_alive_max_requests = 10**9


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


on_loopback()
without_waits()
with_lasting_connections()
if os.environ.get("INVOCHAIN_FUNCTION_LOG"):
    with_log(os.environ["INVOCHAIN_FUNCTION_LOG"])

from ministack.app import main  # noqa: E402  the patches come first

sys.exit(main())
