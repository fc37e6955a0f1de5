"""Lists that many append to while others read them, and whether what each saw is the history of one list.

An append is an UpdateItem with `list_append` of a value that nobody else appends. Every read, strongly consistent, and
every answer to an append shows the list: it must be the beginning of what is there in the end, hold all that was
acknowledged before it was asked for, and nothing that was appended behind it.
"""

import math
import random
import threading
import time
from dataclasses import dataclass

from botocore.exceptions import BotoCoreError, ClientError
from clients import Worker, has_not_happened, may_pass

TABLE = "Lists"
LISTS = 4  # that are appended to at a time
LENGTH = 200  # then another list is begun


@dataclass(frozen=True)
class Event:
    """An append of a value, or a read where that is None. One whose outcome is not known has no end and saw nothing."""

    began: float
    ended: float = math.inf
    value: str | None = None
    seen: tuple | None = None
    happened: bool | None = None  # None: not known


def create_table(dynamodb):
    dynamodb.create_table(
        TableName=TABLE,
        KeySchema=[{"AttributeName": "name", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "name", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    )


class Histories:
    """What was done to each list, by all workers."""

    def __init__(self):
        self.lock = threading.Lock()
        self.events = {}
        self.lengths = [0] * LISTS

    def some_list(self):
        which = random.randrange(LISTS)
        return which, f"list{which}-{self.lengths[which] // LENGTH}"

    def note(self, name, event, which=None):
        with self.lock:
            self.events.setdefault(name, []).append(event)
            if which is not None:
                self.lengths[which] += 1


class Appender(Worker):
    def __init__(self, name, clients, histories):
        super().__init__(name, clients)
        self.histories, self.count = histories, 0

    def step(self):
        which, name = self.histories.some_list()
        self.count += 1
        value = f"{self.name}.{self.count}"
        began = time.monotonic()
        try:
            answer = next(self.turns).update_item(**append(name, value))
        except (BotoCoreError, ClientError) as error:
            if not may_pass(error):
                raise
            happened = False if has_not_happened(error) else None
            self.histories.note(name, Event(began, value=value, happened=happened))
            return
        seen = values(answer["Attributes"])
        self.histories.note(name, Event(began, time.monotonic(), value, seen, True), which)
        self.acknowledged += 1


class Reader(Worker):
    def __init__(self, name, clients, histories):
        super().__init__(name, clients)
        self.histories = histories

    def step(self):
        _, name = self.histories.some_list()
        began = time.monotonic()
        try:
            seen = read(next(self.turns), name)
        except (BotoCoreError, ClientError) as error:
            if not may_pass(error):
                raise
            return
        self.histories.note(name, Event(began, time.monotonic(), None, seen, True))
        self.acknowledged += 1


def append(name, value):
    return {
        "TableName": TABLE,
        "Key": {"name": {"S": name}},
        "UpdateExpression": "SET entries = list_append(if_not_exists(entries, :none), :value)",
        "ExpressionAttributeValues": {":none": {"L": []}, ":value": {"L": [{"S": value}]}},
        "ReturnValues": "ALL_NEW",
    }


def read(dynamodb, name):
    answer = dynamodb.get_item(TableName=TABLE, Key={"name": {"S": name}}, ConsistentRead=True)
    return values(answer.get("Item", {}))


def values(item):
    return tuple(entry["S"] for entry in item.get("entries", {"L": []})["L"])


def check(histories, clients):
    """Raises where a list is not what its history says. How many that nobody knew of happened, how many not."""
    happened = lost = 0
    for name, events in histories.events.items():
        final = read(clients[0], name)
        for dynamodb in clients:
            assert read(dynamodb, name) == final, f"{name} differs between servers"
        check_list(name, final, events)
        unknown = [event.value in final for event in events if event.value and event.happened is None]
        happened += sum(unknown)
        lost += len(unknown) - sum(unknown)
    return happened, lost


def check_list(name, final, events):
    """Whether these events are a history of one list that ended as `final`."""
    places = {value: place for place, value in enumerate(final)}
    assert len(places) == len(final), f"{name} has an entry twice"
    appends = {event.value: event for event in events if event.value is not None}
    for value in final:
        assert value in appends, f"{name} has {value}, which nobody appended"
    for value, event in appends.items():
        assert event.happened is not True or value in places, f"{name} has lost {value}, which was acknowledged"
        assert event.happened is not False or value not in places, f"{name} has {value}, which was refused"
    for event in events:
        if event.seen is not None:
            assert event.seen == final[: len(event.seen)], f"{name} was seen as it never was: {event.seen}"
            assert event.value in (None, *event.seen[-1:]), f"{name}: {event.value} was not appended at the end"
    happened = [event for event in events if event.seen is not None or event.value in places]
    check_order(name, [(event, turn(event, places)) for event in happened])


def turn(event, places):
    """Where an event stands among the appends and what is between them."""
    return 2 * len(event.seen) if event.value is None else 2 * places[event.value] + 1


def check_order(name, turns):
    """What began when another had ended comes behind it."""
    ended = sorted(turns, key=lambda each: each[0].ended)
    latest, done = (None, -1), 0
    for event, place in sorted(turns, key=lambda each: each[0].began):
        while ended[done][0].ended < event.began:
            latest = max(latest, ended[done], key=lambda each: each[1])
            done += 1
        assert place >= latest[1], f"{name}: {event} did not see {latest[0]}, which had ended"
