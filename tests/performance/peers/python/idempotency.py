"""Powertools for Python as a peer: idempotency.py ENDPOINT TABLE WHAT PREFIX N.

calls: N calls, each with its own key, whose work writes one item.
late-writer, late-failer: a run stalls beyond its remaining time while another
run does the work, and then succeeds or fails. effects counts the items written.
"""

import json
import sys
import threading
import time

import boto3
from aws_lambda_powertools.utilities.idempotency import (
    DynamoDBPersistenceLayer,
    IdempotencyConfig,
    idempotent_function,
)

TIME_LEFT_MS = 500
endpoint, table, what, prefix, n = sys.argv[1:6]


class RemainingTime:
    """The part of a Lambda context that the library uses."""

    def get_remaining_time_in_millis(self):
        return TIME_LEFT_MS


class Environment:
    """One Lambda environment: a client and the library on top of it."""

    def __init__(self):
        self.runs = self.effects = 0
        self.client = boto3.client(
            "dynamodb", endpoint_url=endpoint, region_name="ap-south-1",
            aws_access_key_id="test", aws_secret_access_key="test",
        )
        self.store = DynamoDBPersistenceLayer(table_name=table, boto3_client=self.client)
        self.config = IdempotencyConfig(lambda_context=RemainingTime())

    def once(self, key, work):
        @idempotent_function(data_keyword_argument="order", persistence_store=self.store, config=self.config)
        def handle(order):
            self.runs += 1
            return work()

        return handle(order={"key": key})

    def write(self, key):
        self.client.put_item(TableName=table, Item={"id": {"S": "effect#" + key}})
        self.effects += 1
        return key


def calls():
    env, took = Environment(), []
    for i in range(int(n)):
        key = f"{prefix}-{i}"
        began = time.perf_counter()
        env.once(key, lambda: env.write(key))
        took.append((time.perf_counter() - began) * 1000)
    return {"ms": took, "runs": env.runs}


def late(fails):
    slow, other = Environment(), Environment()
    begun, woken, answers = threading.Event(), threading.Event(), []

    def stall():
        begun.set()
        woken.wait(30)
        if fails:
            raise RuntimeError("failed late")
        return slow.write("first")

    def run():
        try:
            answers.append(slow.once(prefix, stall))
        except Exception as e:
            answers.append("error: " + type(e).__name__)

    thread = threading.Thread(target=run)
    thread.start()
    begun.wait(30)
    time.sleep(2 * TIME_LEFT_MS / 1000)
    second = other.once(prefix, lambda: other.write("second"))
    woken.set()
    thread.join()
    replay = other.once(prefix, lambda: other.write("third"))
    return {
        "second": second, "late": answers[0], "replay": replay,
        "runs": slow.runs + other.runs, "effects": slow.effects + other.effects,
    }


print(json.dumps(calls() if what == "calls" else late(what == "late-failer")))
