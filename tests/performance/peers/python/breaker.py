"""Powertools for Python in the scenario of ../breaker, in real time: breaker.py ENDPOINT.

It uses the DynamoDB at ENDPOINT and prints a line of JSON.
"""

import json
import multiprocessing
import sys
import threading
import time
import uuid

import boto3
from botocore.config import Config
from aws_lambda_powertools.utilities.circuit_breaker import (
    CircuitBreakerConfig,
    CircuitBreakerOpenError,
    circuit_breaker,
)
from aws_lambda_powertools.utilities.circuit_breaker.persistence import CircuitBreakerDynamoDBPersistence

INSTANCES, INTERVAL, HANG, DURATION = 20, 0.2, 5.0, 55.0  # seconds


def connect():
    return boto3.client(
        "dynamodb", endpoint_url=sys.argv[1], region_name="ap-south-1", aws_access_key_id="test",
        aws_secret_access_key="test", config=Config(max_pool_connections=64),
    )


client = connect()


def table():
    name = "powertools-" + uuid.uuid4().hex[:8]
    client.create_table(
        TableName=name, BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
    )
    return name


def instance(name, config=CircuitBreakerConfig(failure_threshold=10, recovery_timeout=30, success_threshold=1)):
    store = CircuitBreakerDynamoDBPersistence(name, boto3_client=client)

    @circuit_breaker(name=name, persistence_store=store, config=config)
    def call(work):
        return work()

    return call


def fail():
    raise RuntimeError("failed")


def cost(before, calls=2000, **settings):
    call = instance(table(), CircuitBreakerConfig(failure_threshold=10, success_threshold=1, **settings))
    for _ in range(20):
        try:
            call(before)
        except (RuntimeError, CircuitBreakerOpenError):
            pass
    began = time.perf_counter_ns()
    for _ in range(calls):
        try:
            call(lambda: None)
        except CircuitBreakerOpenError:
            pass
    return (time.perf_counter_ns() - began) // calls


class Instance:
    """One process: the library counts consecutive failures per process."""

    def __init__(self, name):
        self.call = instance(name)
        self.refused, self.through, self.probes, self.lock = 0.0, 0, 0, threading.Lock()

    def work(self):
        with self.lock:
            if self.refused:
                self.probes += 1
            else:
                self.through += 1
        time.sleep(HANG)
        raise RuntimeError("failed")

    def call_once(self, at):
        try:
            self.call(self.work)
        except CircuitBreakerOpenError:
            with self.lock:
                self.refused = self.refused or at
        except RuntimeError:
            pass

    def run(self, began):
        while (at := time.monotonic() - began) < DURATION:
            threading.Thread(target=self.call_once, args=(at,)).start()
            time.sleep(INTERVAL)
        with self.lock:
            return self.refused, self.through, self.probes


def process(i, name, ready, results):
    global client
    client = connect()
    it = Instance(name)
    ready.wait()
    began = time.monotonic()
    time.sleep(i * INTERVAL / INSTANCES)
    results.put(it.run(began))


costs = {
    "closed_ns": cost(lambda: None, local_cache_max_age=3600),
    "open_ns": cost(fail, local_cache_max_age=3600),
    "read_ns": cost(lambda: None, calls=200, local_cache_max_age=0),
}
name, ready, results = table(), multiprocessing.Barrier(INSTANCES), multiprocessing.Queue()
processes = [multiprocessing.Process(target=process, args=(i, name, ready, results)) for i in range(INSTANCES)]
for p in processes:
    p.start()
refused, through, probes = zip(*(results.get() for _ in processes))
for p in processes:
    p.join()
print(
    json.dumps({
        "name": "Powertools for Python 3.37.0", **costs, "through": sum(through),
        "refuse_s": round(max(refused), 2), "probes": sum(probes), "time": "real",
    }),
    flush=True,
)
