"""Starts LocalStack without Docker. All our changes to LocalStack are here.

1. It listens on loopback. LocalStack listens on all interfaces, whatever the value of
   GATEWAY_LISTEN. (The Docker image does so too, but its port is published on loopback.)
2. DynamodbServer.do_start_thread runs DynamoDB Local from the jars that
   INVOCHAIN_DYNAMODB_LOCAL names, as a process that ends with this one. LocalStack would
   download it. If it ends, it is not restarted, because its tables are lost. (The image
   contains DynamoDB Local.)
3. The module json of sqs_poller is replaced, so that a function gets the body of a message
   as it was sent, as on AWS. LocalStack would parse and rewrite it, and so lose duplicate
   fields, the form of numbers such as 1e3, and spacing. (A hook, which the image uses too.)

A plugin, executor.py, runs the functions as processes and changes nothing in LocalStack.
LocalStack finds the plugin and the hook by process_executor-1.dist-info on Python's path.
INVOCHAIN_FUNCTION_LOG names the file that gets every line that a function prints.
"""

import json
import os
import sys

from localstack.runtime import hooks

JAVA = ["setpriv", "--pdeathsig", "KILL", "java", "-Xmx256m", "-XX:TieredStopAtLevel=1"]


def main():
    from loopback import bind_to_loopback  # not in the image, which imports this module for its hook

    bind_to_loopback()
    use_dynamodb_local(os.environ["INVOCHAIN_DYNAMODB_LOCAL"], os.environ["INVOCHAIN_DYNAMODB_MAIN"])
    from localstack.runtime.main import main as localstack

    localstack()


def use_dynamodb_local(jars, main_class):
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
    """Replaces json in the poller, which passes on unchanged what it cannot parse."""

    JSONDecodeError = json.JSONDecodeError

    @staticmethod
    def loads(body):
        raise json.JSONDecodeError("unchanged on purpose", body, 0)


@hooks.on_infra_start()
def keep_bodies():
    from localstack.services.lambda_.event_source_mapping.pollers import sqs_poller

    sqs_poller.json = Verbatim


if __name__ == "__main__":
    sys.exit(main())
