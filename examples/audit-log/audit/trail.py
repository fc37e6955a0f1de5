"""The audit log as a table: entries by record and by person, and how far each shard of the stream is read.

A stream forgets after 24 hours; this table does not. An entry is put under its record and sequence number, so writing
it twice changes nothing, and a collector that begins again after a crash leaves no gap and nothing twice.
"""

from boto3.dynamodb.conditions import Key

CHECKPOINT = "checkpoint of "


class Trail:
    """The table of one audit log."""

    def __init__(self, dynamodb, name="Personnel-audit"):
        self.name = name
        self.dynamodb = dynamodb
        self.table = dynamodb.Table(name)

    def create_table(self):
        self.dynamodb.create_table(
            TableName=self.name,
            KeySchema=[
                {"AttributeName": "record", "KeyType": "HASH"},
                {"AttributeName": "position", "KeyType": "RANGE"},
            ],
            AttributeDefinitions=[
                {"AttributeName": name, "AttributeType": "S"} for name in ("record", "position", "who", "at")
            ],
            GlobalSecondaryIndexes=[
                {
                    "IndexName": "by-person",
                    "KeySchema": [
                        {"AttributeName": "who", "KeyType": "HASH"},
                        {"AttributeName": "at", "KeyType": "RANGE"},
                    ],
                    "Projection": {"ProjectionType": "ALL"},
                }
            ],
            BillingMode="PAY_PER_REQUEST",
        )
        self.table.wait_until_exists()
        return self

    def add(self, entries):
        with self.table.batch_writer() as batch:
            for entry in entries:
                batch.put_item(Item=entry)

    def checkpoint(self, stream, shard):
        """What is read of a shard: {"position": …, "is_done": …}, or None."""
        key = {"record": CHECKPOINT + stream, "position": shard}
        return self.table.get_item(Key=key, ConsistentRead=True).get("Item")

    def set_checkpoint(self, stream, shard, sequence_number, is_done):
        item = {"record": CHECKPOINT + stream, "position": shard, "read_to": sequence_number, "is_done": is_done}
        self.table.put_item(Item=item)

    def of_record(self, record):
        """A record's history, the oldest change first."""
        return self._query(KeyConditionExpression=Key("record").eq(record))

    def of_person(self, who, since=""):
        """What somebody did, in the order of time."""
        condition = Key("who").eq(who)
        if since:
            condition &= Key("at").gte(since)
        return self._query(IndexName="by-person", KeyConditionExpression=condition)

    def everything(self):
        """All entries, by record, each record's in order."""
        pages = self.dynamodb.meta.client.get_paginator("scan").paginate(TableName=self.name, ConsistentRead=True)
        entries = [item for page in pages for item in page["Items"] if not item["record"].startswith(CHECKPOINT)]
        return sorted(entries, key=lambda entry: (entry["record"], entry["position"]))

    def _query(self, **query):
        pages = self.dynamodb.meta.client.get_paginator("query").paginate(TableName=self.name, **query)
        return [item for page in pages for item in page["Items"]]
