"""boto3 over the servers of a cluster, and what their answers say of a write."""

import itertools
import threading

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError


def client(url, service="dynamodb", attempts=4):
    """SDKs repeat what is answered with 5xx; with one attempt, each answer is seen."""
    retries = Config(retries={"mode": "standard", "total_max_attempts": attempts}, connect_timeout=2, read_timeout=30,
                     max_pool_connections=32)  # fmt: skip
    return boto3.client(service, endpoint_url=url, region_name="eu-west-1", aws_access_key_id="local",
                        aws_secret_access_key="local", config=retries)  # fmt: skip


def status(error):
    return error.response["ResponseMetadata"]["HTTPStatusCode"]


def reasons(error):
    return [reason["Code"] for reason in error.response.get("CancellationReasons", [])]


def has_not_happened(error):
    """A server that says 503 could not write. After 500, or without an answer, nobody knows."""
    return isinstance(error, ClientError) and status(error) == 503


def is_conflict(error):
    """With another one that has not ended yet, which may be an attempt of one's own."""
    codes = ("TransactionConflictException", "TransactionInProgressException")
    return "TransactionConflict" in reasons(error) or error.response["Error"]["Code"] in codes


def may_pass(error):
    """Whether the same may succeed now, or at another server."""
    return isinstance(error, BotoCoreError) or status(error) >= 500 or is_conflict(error)


def until_answered(clients, ask):
    """What the first server answers that can."""
    for dynamodb in itertools.cycle(clients):
        try:
            return ask(dynamodb)
        except (BotoCoreError, ClientError) as error:
            if not may_pass(error):
                raise


class Worker(threading.Thread):
    """Does one thing after another, by the servers in turns, until it has done enough. What it raises is `failure`."""

    def __init__(self, name, clients):
        super().__init__(name=name, daemon=True)
        self.clients, self.has_enough = clients, threading.Event()
        self.turns = itertools.cycle(clients)
        self.acknowledged = 0
        self.failure = None

    def run(self):
        try:
            while not self.has_enough.is_set():
                self.step()
        except Exception as failure:
            self.failure = failure
