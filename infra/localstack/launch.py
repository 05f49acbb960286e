"""Starts LocalStack without Docker. Everything that we change in it is here.

1. Whatever it listens on is bound to loopback: it would listen on all interfaces,
   whatever GATEWAY_LISTEN says.
2. runtime_executor.get_runtime_executor: functions run as processes (executor.py), in
   the place of containers.
3. DynamodbServer.do_start_thread: DynamoDB Local runs from the jars that
   INVOCHAIN_DYNAMODB_LOCAL names and dies with us; it would be downloaded. One that
   ends is not started again: it would have forgotten every table.

INVOCHAIN_FUNCTION_LOG names the file that gets every line that a function prints.
"""

import os
import socket
import sys

JAVA = ["setpriv", "--pdeathsig", "KILL", "java", "-Xmx256m", "-XX:TieredStopAtLevel=1"]


def on_loopback():
    loopback = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}
    bind = socket.socket.bind

    def bind_loopback(self, address):
        if self.family in (socket.AF_INET, socket.AF_INET6):
            address = (loopback.get(address[0], address[0]), *address[1:])
        return bind(self, address)

    socket.socket.bind = bind_loopback


def with_processes():
    from localstack.services.lambda_.invocation import runtime_executor

    from executor import ProcessExecutor
    from runtime_api import RuntimeAPI

    ProcessExecutor.api = RuntimeAPI()
    ProcessExecutor.all_output = os.environ.get("INVOCHAIN_FUNCTION_LOG")
    runtime_executor.get_runtime_executor = lambda: ProcessExecutor


def with_dynamodb_local(jars, main):
    from localstack.services.dynamodb.server import DynamodbServer
    from localstack.utils.common import TMP_THREADS, ShellCommandThread

    def do_start_thread(self):
        command = [*JAVA, f"-Djava.library.path={jars}", "-cp", f"{jars}/*", main,
                   "-inMemory", "-disableTelemetry", "-port", str(self.port)]
        thread = ShellCommandThread(command, name="dynamodb-local")
        TMP_THREADS.append(thread)
        thread.start()
        return thread

    DynamodbServer.do_start_thread = do_start_thread


on_loopback()
with_processes()
with_dynamodb_local(os.environ["INVOCHAIN_DYNAMODB_LOCAL"], os.environ["INVOCHAIN_DYNAMODB_MAIN"])

from localstack.runtime.main import main  # noqa: E402  the patches come first

sys.exit(main())
