"""Starts MiniStack for the local stack. All our changes to MiniStack are here.

1. It listens on loopback instead of all interfaces.
2. An invocation does not wait for Nagle's algorithm and delayed acknowledgements on the
   Lambda runtime API (some 40 ms), nor for a first log line (50 ms).
3. The server does not close a connection after a number of requests. A client that sends
   at that moment would lose its request.
4. httptools and uvloop, written in C, read requests instead of h11 and asyncio. Those took
   half of the emulator's time under load.
5. The consumer of a queue gets batches of the size and after the window that its event
   source mapping requests. MiniStack delivers what is there, at most ten messages.
6. The output of the functions is appended line by line to the file that
   INVOCHAIN_FUNCTION_LOG names. MiniStack would keep it in memory as CloudWatch logs, with a
   new stream for each invocation, and never delete it.
7. The reserved concurrency of a function holds for its versions too, as on AWS. MiniStack keeps it
   with $LATEST, and no caller calls that.
8. With AUTH=true it checks each call of a function against the policies of its role, with the
   changes of enforce_policies, and lists what it refuses in the file that INVOCHAIN_REFUSAL_LOG
   names.
"""

import asyncio
import contextlib
import os
import queue
import selectors
import socketserver
import sys
import threading
import time

import hypercorn.asyncio
import ministack.core.iam_evaluator as iam
import ministack.core.lambda_runtime as runtime
import ministack.services.lambda_svc as mappings
import ministack.services.sqs as sqs
import uvicorn
import uvloop

from loopback import bind_to_loopback

SHORT_WAIT = 0.001  # seconds


def remove_waits():
    socketserver.StreamRequestHandler.disable_nagle_algorithm = True
    drain = runtime.Worker._drain_stderr_bounded
    drain.__defaults__ = tuple(min(d, SHORT_WAIT) for d in drain.__defaults__ or ()) or None
    drain.__kwdefaults__ = {k: min(d, SHORT_WAIT) for k, d in (drain.__kwdefaults__ or {}).items()} or None


async def serve(app, config):
    """Serves app in place of hypercorn, at the address of hypercorn's config."""
    host, _, port = config.bind[0].rpartition(":")
    settings = uvicorn.Config(
        app, host=host, port=int(port), http="httptools", ws="none", log_level="warning",
        timeout_keep_alive=75, access_log=False, date_header=False, server_header=False,
    )
    await uvicorn.Server(settings).serve()


def use_fast_server():
    asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
    hypercorn.asyncio.serve = serve


def batching_window(url):
    """Returns for how many seconds the consumer of a queue gathers messages."""
    queue = ":" + url.rpartition("/")[2]
    return next((m.get("MaximumBatchingWindowInSeconds") or 0 for m in list(mappings._esms._data.values())
                 if m.get("EventSourceArn", "").endswith(queue)), 0)


def receive(url, size):
    """Returns a batch of at most size messages, or none before the batching window is over."""
    window, now = batching_window(url), time.time()
    with sqs._queues_lock:
        queue = sqs._get_q(url)
        sqs._expire_retained(queue)
        sqs._dlq_sweep(queue)
        waiting = [m["visible_at"] for m in queue["messages"] if m["visible_at"] <= now]
        if len(waiting) < size and min(waiting, default=now) > now - window:
            return []
        return sqs._collect_msgs(queue, size, int(queue["attributes"].get("VisibilityTimeout", "30")))


def use_batching_windows():
    sqs._receive_messages_for_esm = receive


def share_reserved_concurrency():
    """Reads the reserved concurrency of a version from its function."""
    reserved = mappings._reserved_concurrency

    def of_function(version, config):
        return reserved(mappings._functions.get(config.get("FunctionName")) or version, config)

    mappings._reserved_concurrency = of_function


class Output:
    """The output of one process of a function. recent is MiniStack's queue of its last lines."""

    def __init__(self, name, stream, recent):
        self.name, self.stream, self.recent, self.partial = name.encode() + b" ", stream, recent, b""

    def read(self):
        """Returns the complete lines so far, each after the function's name; None at the end."""
        chunk = os.read(self.stream.fileno(), 1 << 16)
        if not chunk and not self.partial:
            return None
        *lines, self.partial = (self.partial + (chunk or b"\n")).split(b"\n")
        lines = [line for line in lines if line.strip()]
        if lines:
            if self.recent.full():
                with contextlib.suppress(queue.Empty):
                    self.recent.get_nowait()
            self.recent.put_nowait(b"\n".join(lines).decode(errors="replace"))
        return b"".join(self.name + line + b"\n" for line in lines)


def write_log(path):
    """Appends the output of all functions to a file.

    One thread reads for all processes, and waits a little for more output first. A thread
    for each process, woken by each write, took a tenth of the emulator's time.
    """
    log, outputs = open(path, "ab", buffering=0), selectors.DefaultSelector()

    def pump_output(self, stream, log_queue):
        outputs.register(stream, selectors.EVENT_READ, Output(self.func_name, stream, log_queue))

    def pump():
        while True:
            outputs.select()
            time.sleep(5 * SHORT_WAIT)
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


def enforce_policies(path):
    """Checks batches under the name that AWS has for them, and appends each refusal to a file.

    AWS allows sqs:SendMessageBatch by sqs:SendMessage. Calls look like TLS, as they are on AWS:
    queues and buckets refuse any others.
    """
    single = {f"sqs:{a}Batch": f"sqs:{a}" for a in ("SendMessage", "DeleteMessage", "ChangeMessageVisibility")}
    check, pin_origin, log = iam.enforce, iam.pin_request_origin, open(path, "a", buffering=1)

    def enforce(key, action, service, region, resource_arn="*", **context):
        action = single.get(action, action)
        refusal = check(key, action, service, region, resource_arn=resource_arn, **context)
        if refusal is not None:
            log.write(f"{getattr(refusal, 'principal_arn', key)} {action} {resource_arn}\n")
        return refusal

    iam.enforce = enforce
    iam.pin_request_origin = lambda address, secure: pin_origin(address, True)


os.environ["BIND_HOST"] = "127.0.0.1"
bind_to_loopback()
remove_waits()
use_fast_server()
use_batching_windows()
share_reserved_concurrency()
if os.environ.get("INVOCHAIN_FUNCTION_LOG"):
    write_log(os.environ["INVOCHAIN_FUNCTION_LOG"])

if os.environ.get("INVOCHAIN_REFUSAL_LOG"):
    enforce_policies(os.environ["INVOCHAIN_REFUSAL_LOG"])

from ministack.app import main  # noqa: E402  after the changes above

sys.exit(main())
