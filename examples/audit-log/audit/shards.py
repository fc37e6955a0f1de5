"""Reading a stream: every record once the records before it are read.

A stream is a family of shards. A shard ends and others go on in its place, so a shard is read only when its parent is
read to the end: then the changes of one item come in the order in which they happened.
"""


def latest_stream(dynamodb, table):
    """The ARN of the table's stream."""
    return dynamodb.meta.client.describe_table(TableName=table)["Table"]["LatestStreamArn"]


def shards(streams, arn):
    """All shards of the stream by their ids."""
    found, start = {}, {}
    while True:
        page = streams.describe_stream(StreamArn=arn, **start)["StreamDescription"]
        found |= {shard["ShardId"]: shard for shard in page["Shards"]}
        if (last := page.get("LastEvaluatedShardId")) is None:
            return found
        start = {"ExclusiveStartShardId": last}


def parents_first(shards):
    """Ids in the order in which shards may be read."""
    ordered, left = [], dict(shards)
    while left:
        ready = sorted(id for id, shard in left.items() if shard.get("ParentShardId") not in left)
        ordered += ready
        for id in ready:
            del left[id]
    return ordered


def pages(streams, arn, shard_id, after=None):
    """The records of a shard from behind a sequence number on, page by page, until there are no more for now.

    Gives (records, whether the shard is at its end).
    """
    position = {"ShardIteratorType": "TRIM_HORIZON"}
    if after:
        position = {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "SequenceNumber": after}
    iterator = streams.get_shard_iterator(StreamArn=arn, ShardId=shard_id, **position)["ShardIterator"]
    while iterator:
        page = streams.get_records(ShardIterator=iterator)
        iterator = page.get("NextShardIterator")
        yield page["Records"], iterator is None
        if not page["Records"]:
            return
