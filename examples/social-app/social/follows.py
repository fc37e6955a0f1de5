"""Who follows whom, and how many."""

from boto3.dynamodb.conditions import Key

from . import keys
from .errors import AlreadyFollowing, NotFound
from .table import Cancelled


class Follows:
    """One item per relation: its key lists whom a user follows, its index key lists the followers."""

    def __init__(self, table):
        self.table = table

    def follow(self, follower_id, followed_id):
        if follower_id == followed_id:
            raise ValueError("nobody follows themselves")
        relation = {
            **keys.following(follower_id, followed_id),
            "GSI1PK": f"USER#{followed_id}",
            "GSI1SK": f"FOLLOWER#{follower_id}",
            "entity_type": "Following",
            "follower_id": follower_id,
            "followed_id": followed_id,
            "created_at": keys.now(),
        }
        try:
            self.table.transact(
                self.table.put(relation, "attribute_not_exists(PK)"), *self._count(follower_id, followed_id, 1)
            )
        except Cancelled as cancelled:
            if cancelled.failed(0):
                raise AlreadyFollowing(f"{follower_id} follows {followed_id}") from cancelled
            raise NotFound(f"user {follower_id if cancelled.failed(1) else followed_id}") from cancelled

    def unfollow(self, follower_id, followed_id):
        try:
            self.table.transact(
                self.table.delete(keys.following(follower_id, followed_id), "attribute_exists(PK)"),
                *self._count(follower_id, followed_id, -1),
            )
        except Cancelled as cancelled:
            raise NotFound(f"{follower_id} does not follow {followed_id}") from cancelled

    def following(self, user_id):
        """Ids of the users somebody follows."""
        condition = Key("PK").eq(f"USER#{user_id}") & Key("SK").begins_with("FOLLOWING#")
        return [relation["followed_id"] for relation in self.table.all(condition)]

    def followers(self, user_id):
        """Ids of the users who follow somebody."""
        condition = Key("GSI1PK").eq(f"USER#{user_id}") & Key("GSI1SK").begins_with("FOLLOWER#")
        return [relation["follower_id"] for relation in self.table.all(condition, IndexName="GSI1")]

    def _count(self, follower_id, followed_id, amount):
        return (
            self.table.add(keys.user(follower_id), "following_count", amount),
            self.table.add(keys.user(followed_id), "follower_count", amount),
        )
