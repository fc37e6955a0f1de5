"""From the stream into the audit log."""

import time

from .changes import entry
from .shards import pages, parents_first, shards


class Collector:
    """Copies the changes of one stream. Another one, or the same after a crash, goes on where this one stopped."""

    def __init__(self, streams, arn, trail):
        self.streams = streams
        self.arn = arn
        self.trail = trail

    def sweep(self):
        """Takes all there is now; gives the number of entries."""
        count, done = 0, set()
        known = shards(self.streams, self.arn)
        for shard_id in parents_first(known):
            parent = known[shard_id].get("ParentShardId")
            if parent in known and parent not in done:
                continue  # its parent still grows
            taken, is_done = self._take(shard_id)
            count += taken
            if is_done:
                done.add(shard_id)
        return count

    def follow(self, seconds=1.0):
        """Sweeps again and again."""
        while True:
            self.sweep()
            time.sleep(seconds)

    def _take(self, shard_id):
        """Entries first, then the checkpoint: what is written twice after a crash is the same entry."""
        checkpoint = self.trail.checkpoint(self.arn, shard_id) or {"read_to": None, "is_done": False}
        if checkpoint["is_done"]:
            return 0, True
        count, read_to, is_done = 0, checkpoint["read_to"], False
        for records, is_done in pages(self.streams, self.arn, shard_id, after=read_to):
            entries = [made for record in records if (made := entry(record))]
            self.trail.add(entries)
            count += len(entries)
            if records:
                read_to = records[-1]["dynamodb"]["SequenceNumber"]
            if records or is_done:
                self.trail.set_checkpoint(self.arn, shard_id, read_to, is_done)
        return count, is_done
