"""The streams of the tables, followed while they grow, and whether they tell the history of each item: every record
once, each beginning with what the one before it ended with, the last with what is in the table.
"""

from botocore.exceptions import BotoCoreError, ClientError
from clients import Worker, client, may_pass, until_answered


class Follower(Worker):
    """Reads a stream by the servers in turns: iterators of one are good at another."""

    def __init__(self, table, urls):
        clients = [client(url, "dynamodbstreams", attempts=1) for url in urls]
        super().__init__(f"follower of {table}", clients)
        streams = until_answered(clients, lambda each: each.list_streams(TableName=table))["Streams"]
        self.arn = streams[0]["StreamArn"]
        self.iterators, self.known = {}, set()
        self.records = []

    def step(self):
        if not self.round():
            self.has_enough.wait(0.2)

    def round(self):
        """A page of each shard; how many records came."""
        before = len(self.records)
        try:
            self.find_shards()
            for shard in list(self.iterators):
                self.page(shard)
        except (BotoCoreError, ClientError) as error:
            if not may_pass(error):
                raise
        return len(self.records) - before

    def find_shards(self):
        """A shard that others were split from is read to its end before them."""
        for shard in self.shards(next(self.turns)):
            parent = shard.get("ParentShardId")
            if shard["ShardId"] in self.known or parent in self.iterators:
                continue
            asked = {"StreamArn": self.arn, "ShardId": shard["ShardId"], "ShardIteratorType": "TRIM_HORIZON"}
            self.iterators[shard["ShardId"]] = next(self.turns).get_shard_iterator(**asked)["ShardIterator"]
            self.known.add(shard["ShardId"])

    def shards(self, streams):
        more = {}
        while True:
            page = streams.describe_stream(StreamArn=self.arn, **more)["StreamDescription"]
            yield from page["Shards"]
            if (last := page.get("LastEvaluatedShardId")) is None:
                return
            more = {"ExclusiveStartShardId": last}

    def page(self, shard):
        page = next(self.turns).get_records(ShardIterator=self.iterators[shard])
        self.records.extend(page["Records"])
        if (following := page.get("NextShardIterator")) is None:
            del self.iterators[shard]
        else:
            self.iterators[shard] = following
        self.acknowledged += len(page["Records"])

    def catch_up(self):
        """Behind the last write: until nothing comes from the shards that are open, and no others are there."""
        quiet = 0
        while quiet < 3:
            known = len(self.known)
            quiet = 0 if self.round() or len(self.known) > known else quiet + 1


def check(records, items, key_names):
    """Raises where the records do not end in these items, or do not lead from one state of an item to the next."""

    def key(item):
        return tuple(tuple(item[name].items()) for name in key_names)

    states, numbers = {}, set()
    for record in records:
        change = record["dynamodb"]
        assert change["SequenceNumber"] not in numbers, f"{record} came twice"
        numbers.add(change["SequenceNumber"])
        item = key(change["Keys"])
        before = states.get(item)
        assert change.get("OldImage") == before, f"{record} does not follow {before}"
        states[item] = change.get("NewImage")
    states = {item: state for item, state in states.items() if state is not None}
    expected = {key(item): item for item in items}
    assert states == expected, f"the stream ends with {len(states)} items, the table has {len(expected)}"
    return len(records)
