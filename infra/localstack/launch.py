"""Starts LocalStack without Docker. Everything that we change in it is here.

1. Whatever it listens on is bound to loopback: it would listen on all interfaces,
   whatever GATEWAY_LISTEN says.
2. DynamodbServer.do_start_thread: DynamoDB Local runs from the jars that
   INVOCHAIN_DYNAMODB_LOCAL names and dies with us; it would be downloaded. One that
   ends is not started again: it would have forgotten every table.

Functions run as processes in the place of containers: that is a plugin (executor.py)
and changes nothing. INVOCHAIN_FUNCTION_LOG names the file that gets every line that a function prints.
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
with_dynamodb_local(os.environ["INVOCHAIN_DYNAMODB_LOCAL"], os.environ["INVOCHAIN_DYNAMODB_MAIN"])

from localstack.runtime.main import main  # noqa: E402  the patches come first

sys.exit(main())
