"""Starts LocalStack without Docker. Everything that we change in it is here.

1. Whatever it listens on is bound to loopback: it would listen on all interfaces,
   whatever GATEWAY_LISTEN says. (The image: its port is published on loopback.)
2. DynamodbServer.do_start_thread: DynamoDB Local runs from the jars that
   INVOCHAIN_DYNAMODB_LOCAL names and dies with us; it would be downloaded. One that
   ends is not started again: it would have forgotten every table. (The image has it.)
3. The json of sqs_poller: a function gets a message's body as it was sent, as on AWS.
   It would get it parsed and written anew: fields given twice, numbers such as 1e3
   and all spacing would be lost. (A hook, so in the image too.)

That functions run as processes is a plugin (executor.py) and changes nothing. Plugin
and hook are found by process_executor-1.dist-info, in a folder of Python's path.
INVOCHAIN_FUNCTION_LOG names the file that gets every line that a function prints.
"""

import json
import os
import socket
import sys

from localstack.runtime import hooks

JAVA = ["setpriv", "--pdeathsig", "KILL", "java", "-Xmx256m", "-XX:TieredStopAtLevel=1"]


def main():
    on_loopback()
    with_dynamodb_local(os.environ["INVOCHAIN_DYNAMODB_LOCAL"], os.environ["INVOCHAIN_DYNAMODB_MAIN"])
    from localstack.runtime.main import main as localstack

    localstack()


def on_loopback():
    loopback = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}
    bind = socket.socket.bind

    def bind_loopback(self, address):
        if self.family in (socket.AF_INET, socket.AF_INET6):
            address = (loopback.get(address[0], address[0]), *address[1:])
        return bind(self, address)

    socket.socket.bind = bind_loopback


def with_dynamodb_local(jars, main_class):
    from localstack.services.dynamodb.server import DynamodbServer
    from localstack.utils.common import TMP_THREADS, ShellCommandThread

    def do_start_thread(self):
        command = [*JAVA, f"-Djava.library.path={jars}", "-cp", f"{jars}/*", main_class,
                   "-inMemory", "-disableTelemetry", "-port", str(self.port)]
        thread = ShellCommandThread(command, name="dynamodb-local")
        TMP_THREADS.append(thread)
        thread.start()
        return thread

    DynamodbServer.do_start_thread = do_start_thread


class Verbatim:
    """Stands for json in the poller: a body that it cannot parse it passes on as it is."""

    JSONDecodeError = json.JSONDecodeError

    @staticmethod
    def loads(body):
        raise json.JSONDecodeError("left alone", body, 0)


@hooks.on_infra_start()
def with_bodies_as_sent():
    from localstack.services.lambda_.event_source_mapping.pollers import sqs_poller

    sqs_poller.json = Verbatim


if __name__ == "__main__":
    sys.exit(main())
