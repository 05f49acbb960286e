"""Starts MiniStack for the local stack. Everything that we change in it is here.

1. Whatever it listens on is bound to loopback, not to all interfaces.
2. Two fixed waits of each invocation are taken out: Nagle's algorithm against
   delayed acknowledgements on the Lambda runtime API (some 40 ms), and a wait for a
   first log line (50 ms).
3. Connections are not closed after a number of requests: a client that sends on a
   connection just then would lose its request.
4. Requests are read by httptools and uvloop, in C, not by h11 and asyncio: under load
   that was half of the emulator's time.
5. A queue's consumer is given batches of the size, and after the window, that its
   mapping asks for. By itself it gives what is there, at most ten at once.
6. The functions' output is appended, line by line, to the file that
   INVOCHAIN_FUNCTION_LOG names, and is not kept as CloudWatch's: that is in memory, a
   new stream for each invocation, and grows for ever.
"""

import asyncio
import contextlib
import os
import queue
import selectors
import socket
import socketserver
import sys
import threading
import time

import hypercorn.asyncio
import ministack.core.lambda_runtime as runtime
import ministack.services.lambda_svc as mappings
import ministack.services.sqs as sqs
import uvicorn
import uvloop

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


async def serve(app, config):
    """Takes the place of hypercorn, whose settings name one address."""
    host, _, port = config.bind[0].rpartition(":")
    settings = uvicorn.Config(
        app, host=host, port=int(port), http="httptools", ws="none", log_level="warning",
        timeout_keep_alive=75, access_log=False, date_header=False, server_header=False,
    )
    await uvicorn.Server(settings).serve()


def with_quick_requests():
    asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
    hypercorn.asyncio.serve = serve


def window_of(url):
    """Seconds that the consumer of a queue gathers messages for."""
    queue = ":" + url.rpartition("/")[2]
    return next((m.get("MaximumBatchingWindowInSeconds") or 0 for m in list(mappings._esms._data.values())
                 if m.get("EventSourceArn", "").endswith(queue)), 0)


def receive(url, most):
    window, now = window_of(url), time.time()
    with sqs._queues_lock:
        queue = sqs._get_q(url)
        sqs._expire_retained(queue)
        sqs._dlq_sweep(queue)
        waiting = [m["visible_at"] for m in queue["messages"] if m["visible_at"] <= now]
        if len(waiting) < most and min(waiting, default=now) > now - window:
            return []
        return sqs._collect_msgs(queue, most, int(queue["attributes"].get("VisibilityTimeout", "30")))


def with_batching_windows():
    sqs._receive_messages_for_esm = receive


class Output:
    """What one process of a function writes."""

    def __init__(self, name, stream, kept):
        self.name, self.stream, self.kept, self.rest = name.encode() + b" ", stream, kept, b""

    def read(self):
        """The lines that are there, each behind the function's name; None at the end."""
        chunk = os.read(self.stream.fileno(), 1 << 16)
        if not chunk and not self.rest:
            return None
        *lines, self.rest = (self.rest + (chunk or b"\n")).split(b"\n")
        lines = [line for line in lines if line.strip()]
        if lines:
            if self.kept.full():
                with contextlib.suppress(queue.Empty):
                    self.kept.get_nowait()
            self.kept.put_nowait(b"\n".join(lines).decode(errors="replace"))
        return b"".join(self.name + line + b"\n" for line in lines)


def with_log(path):
    """One thread reads for all, after a moment in which more may come: a thread for each
    process, woken by each write, was a tenth of the emulator's work."""
    log, outputs = open(path, "ab", buffering=0), selectors.DefaultSelector()

    def pump_output(self, stream, log_queue):
        outputs.register(stream, selectors.EVENT_READ, Output(self.func_name, stream, log_queue))

    def pump():
        while True:
            outputs.select()
            time.sleep(5 * BRIEF)
            block = []
            for key, _ in outputs.select(0):
                text = key.data.read()
                if text is None:
                    outputs.unregister(key.fileobj)
                    key.fileobj.close()
                block.append(text or b"")
            log.write(b"".join(block))

    threading.Thread(target=pump, daemon=True, name="output").start()
    runtime.ProvidedWorker._pump_output = pump_output
    mappings._emit_lambda_logs = lambda *args, **kwargs: None


on_loopback()
without_waits()
with_quick_requests()
with_batching_windows()
if os.environ.get("INVOCHAIN_FUNCTION_LOG"):
    with_log(os.environ["INVOCHAIN_FUNCTION_LOG"])

from ministack.app import main  # noqa: E402  the patches come first

sys.exit(main())
