"""The Lambda Runtime API (2018-06-01) for all processes, on one loopback port.

The path identifies the process: its AWS_LAMBDA_RUNTIME_API is HOST:PORT/ID.
https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

import http.server
import itertools
import json
import threading

from rendezvous import Rendezvous

MAX_RESPONSE = 6 * 1024 * 1024 + 100  # bytes, as on AWS


class RuntimeAPI(http.server.ThreadingHTTPServer):
    request_queue_size = 1024  # many processes start at once
    daemon_threads = True
    block_on_close = False

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self._ids = itertools.count(1)
        self.rendezvous: dict[str, Rendezvous] = {}
        threading.Thread(target=self.serve_forever, name="runtime-api", daemon=True).start()

    def open(self, rendezvous: Rendezvous) -> str:
        """Returns an address for one process. It is valid until close."""
        number = str(next(self._ids))
        self.rendezvous[number] = rendezvous
        return f"127.0.0.1:{self.server_port}/{number}"

    def close(self, address: str):
        self.rendezvous.pop(address.rpartition("/")[2], None)

    def handle_error(self, request, client_address):
        """Ignores connections that broke because their process was killed."""


class Handler(http.server.BaseHTTPRequestHandler):
    server: RuntimeAPI
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # head and body of a response are sent together

    def do_GET(self):
        match self.path.split("/")[1:]:
            case [number, "2018-06-01", "runtime", "invocation", "next"] if number in self.server.rendezvous:
                self._next(self.server.rendezvous[number])
            case _:
                self._reply(404)

    def do_POST(self):
        body = self._body()
        match self.path.split("/")[1:]:
            case [number, "2018-06-01", "runtime", *rest] if number in self.server.rendezvous:
                self._post(self.server.rendezvous[number], rest, body)
            case _:
                self._reply(404)

    def _next(self, rendezvous: Rendezvous):
        taken = rendezvous.take()
        if taken is None:
            self.close_connection = True
            return
        invocation, deadline = taken
        self._reply(200, invocation.payload, {
            "Content-Type": "application/json",
            "Lambda-Runtime-Aws-Request-Id": invocation.request_id,
            "Lambda-Runtime-Deadline-Ms": str(deadline),
            "Lambda-Runtime-Invoked-Function-Arn": invocation.arn,
            "Lambda-Runtime-Trace-Id": invocation.trace,
        })

    def _post(self, rendezvous: Rendezvous, rest: list[str], body: bytes):
        match rest:
            case ["invocation", request_id, "response"] if len(body) > MAX_RESPONSE:
                rendezvous.answer(request_id, too_large(len(body)), True)
                self._reply(413)
            case ["invocation", request_id, ("response" | "error") as kind]:
                self._reply(202 if rendezvous.answer(request_id, body, kind == "error") else 400)
            case ["init", "error"]:
                rendezvous.init_failed(body)
                self._reply(202)
            case _:
                self._reply(404)

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        chunks = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            chunks.append(self.rfile.read(size))
            self.rfile.readline()
        while self.rfile.readline().strip():  # trailers
            pass
        return b"".join(chunks)

    def _reply(self, status: int, body: bytes = b"{}", headers: dict[str, str] | None = None):
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def log_message(self, *args):
        """Logs no requests."""


def too_large(size: int) -> bytes:
    return json.dumps({
        "errorType": "Function.ResponseSizeTooLarge",
        "errorMessage": f"Response payload size ({size} bytes) exceeded maximum allowed payload size (6291556 bytes).",
    }).encode()
