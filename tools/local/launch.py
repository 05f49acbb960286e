"""Starts MiniStack for the local stack. All our changes to MiniStack are here.

1. It listens on loopback instead of all interfaces.
2. The thread that invokes a function speaks to its process. In MiniStack a server of each process
   does, with Python's http.server, and the two threads wake each other; and an invocation waits
   for Nagle's algorithm (40 ms) and for a log line (50 ms). Threads are reused, and the garbage
   collector runs less often.
3. The server does not close a connection after a number of requests. A client that sends
   at that moment would lose its request.
4. httptools and uvloop, written in C, read requests instead of h11 and asyncio. Those took
   half of the emulator's time under load.
5. The consumer of a queue gets batches of the size and after the window that its event
   source mapping requests. MiniStack delivers what is there, at most ten messages.
6. The output of the functions is appended line by line to the file that
   INVOCHAIN_FUNCTION_LOG names. MiniStack would keep it in memory as CloudWatch logs, with a
   new stream for each invocation, and never delete it; so it would the metrics of Lambda.
7. The reserved concurrency of a function holds for its versions too, as on AWS. MiniStack keeps it
   with $LATEST, and no caller calls that.
8. With AUTH=true it checks each call of a function against the policies of its role, with the
   changes of enforce_policies, and lists what it refuses in the file that INVOCHAIN_REFUSAL_LOG
   names.
"""

import asyncio
import concurrent.futures
import contextlib
import gc
import json
import os
import queue
import selectors
import socketserver
import sys
import threading
import time
import types

import hypercorn.asyncio
import ministack.core.concurrency as concurrency
import ministack.core.iam_evaluator as iam
import ministack.core.lambda_runtime as runtime
import ministack.services.lambda_svc as mappings
import ministack.services.sqs as sqs
import uvicorn
import uvloop

from loopback import bind_to_loopback

OUTPUT_WAIT, IDLE_WAIT, INIT_TIMEOUT = 0.005, 0.5, 60  # seconds


async def serve(app, config):
    """Serves app in place of hypercorn, at the address of hypercorn's config."""
    host, _, port = config.bind[0].rpartition(":")
    settings = uvicorn.Config(
        app, host=host, port=int(port), http="httptools", ws="none", log_level="warning",
        timeout_keep_alive=75, access_log=False, proxy_headers=False, date_header=False, server_header=False,
        lifespan="on",
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


class RuntimeAPI(socketserver.StreamRequestHandler):
    """The connection of a function's process to its Lambda runtime API, version 2018-06-01.

    aws-lambda-go has one connection: a request for work, its result, the next request for work. So
    the thread that invokes the function writes to the connection and reads from it.
    """

    disable_nagle_algorithm = True
    worker, generation = None, 0  # of the process

    def handle(self):
        self.over = threading.Event()
        path, body = self.read_request()
        if path.endswith("/init/error"):
            self.worker._record_init_error(self.generation, parse(body))
            self.respond(202)
        else:
            self.worker.connection = self
            self.worker._mark_first_poll(self.generation)
            self.over.wait()  # the server closes the connection when this returns

    def read_request(self):
        """Returns the path and the body of a request."""
        line = self.rfile.readline()
        if not line:
            raise ConnectionError("the process has ended")
        _, _, rest = line.partition(b" ")
        size, chunked = self.read_headers()
        body = self.read_chunks() if chunked else self.rfile.read(size)
        return rest.partition(b" ")[0].decode(), body

    def read_headers(self):
        size, chunked = 0, False
        while (line := self.rfile.readline()) not in (b"\r\n", b""):
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                size = int(value)
            elif name.lower() == b"transfer-encoding":
                chunked = True
        return size, chunked

    def read_chunks(self):
        chunks = []
        while size := int(self.rfile.readline() or b"0", 16):
            chunks.append(self.rfile.read(size))
            self.rfile.readline()
        self.read_headers()  # the trailers
        return b"".join(chunks)

    def respond(self, status, body=b"", headers=""):
        head = f"HTTP/1.1 {status} .\r\n{headers}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        self.request.sendall(head.encode() + body)

    def invoke(self, event, timeout, request_id, trace, arn):
        """Returns the result of an invocation and whether it is an error. The process has asked for work."""
        self.request.settimeout(timeout)
        self.respond(200, json.dumps(event).encode(), (
            f"Lambda-Runtime-Aws-Request-Id: {request_id}\r\n"
            f"Lambda-Runtime-Deadline-Ms: {int((time.time() + timeout) * 1000)}\r\n"
            f"Lambda-Runtime-Invoked-Function-Arn: {arn}\r\n"
            f"Lambda-Runtime-Trace-Id: {trace or ''}\r\n"))
        path, body = self.read_request()
        self.respond(202)
        return parse(body), path.endswith("/error")


def parse(body):
    try:
        return json.loads(body)
    except json.JSONDecodeError:
        return body.decode(errors="replace")


def invoke(worker, event, request_id, *, trace_id=None, invoked_function_arn=None):
    """Runs an invocation on a worker's process, and starts that first if there is none."""
    timeout = worker.config.get("Timeout", 30)
    with worker._lock:
        answer = {"status": "ok", "log": "", "cold_start": worker._proc is None or worker._proc.poll() is not None}
        try:
            if answer["cold_start"]:
                worker._spawn(init_timeout=INIT_TIMEOUT)
            else:
                worker.connection.read_request()  # for work, after the last result
            arn = invoked_function_arn or worker.config.get("FunctionArn", "")
            answer["result"], failed = worker.connection.invoke(event, timeout, request_id, trace_id, arn)
        except TimeoutError:
            return stop(worker, answer, "Sandbox.Timedout", f"Task timed out after {timeout}.00 seconds")
        except (ConnectionError, ValueError):
            return stop(worker, answer, "Runtime.ExitError", "Runtime exited before returning a response")
        return answer | {"status": "error", "error_payload": answer["result"]} if failed else answer


def stop(worker, answer, kind, message):
    """Ends a worker's process, and returns its failure as the answer."""
    worker._teardown()
    return answer | {
        "status": "error", "error": message, "error_payload": {"errorMessage": message, "errorType": kind},
    }


def use_fast_runtime_api():
    def handler(worker, generation, pending):
        return type("RuntimeAPI", (RuntimeAPI,), {"worker": worker, "generation": generation})

    def shut_down(worker):
        if connection := getattr(worker, "connection", None):
            connection.over.set()
        shut_down_server(worker)

    provided, shut_down_server = runtime.ProvidedWorker, runtime.ProvidedWorker._shutdown_server
    provided._build_handler_class, provided.invoke, provided._shutdown_server = handler, invoke, shut_down
    serve_forever = socketserver.BaseServer.serve_forever
    socketserver.BaseServer.serve_forever = lambda server, poll_interval=0: serve_forever(server, IDLE_WAIT)


class ReusedThread:
    """Runs like a thread of its own, in one that is idle or a new one."""

    threads = concurrent.futures.ThreadPoolExecutor(max_workers=10_000)

    def __init__(self, target):
        self.target = target

    def start(self):
        self.threads.submit(self.target)


def reuse_threads():
    """Reuses the threads of invocations."""
    def new(target, name, daemon):
        if name.endswith("-invoke"):
            return ReusedThread(target)
        return threading.Thread(target=target, name=name, daemon=daemon)

    concurrency.threading = types.SimpleNamespace(**(vars(threading) | {"Thread": new}))


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
            time.sleep(OUTPUT_WAIT)
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
    mappings._emit_lambda_logs = mappings._emit_lambda_metrics = lambda *args, **kwargs: None


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
use_fast_server()
use_batching_windows()
share_reserved_concurrency()
use_fast_runtime_api()
reuse_threads()
gc.set_threshold(50_000, 20, 50)
if os.environ.get("INVOCHAIN_FUNCTION_LOG"):
    write_log(os.environ["INVOCHAIN_FUNCTION_LOG"])

if os.environ.get("INVOCHAIN_REFUSAL_LOG"):
    enforce_policies(os.environ["INVOCHAIN_REFUSAL_LOG"])

from ministack.app import main  # noqa: E402  after the changes above

sys.exit(main())
