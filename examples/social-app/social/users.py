"""User profiles with unique names."""

from boto3.dynamodb.conditions import Key
from botocore.exceptions import ClientError

from . import keys
from .errors import NotFound, UsernameTaken
from .table import Cancelled


class Users:
    """A name is owned by an item of its own, because a condition can only look at the item it writes: two
    users get different keys and would never meet, but they meet at the name."""

    def __init__(self, table):
        self.table = table

    def create(self, username, email, full_name):
        user_id = keys.new_id()
        user = {
            **keys.user(user_id),
            "GSI1PK": f"USERNAME#{username}",
            "GSI1SK": f"USER#{user_id}",
            "entity_type": "User",
            "user_id": user_id,
            "username": username,
            "email": email,
            "full_name": full_name,
            "created_at": keys.now(),
            "follower_count": 0,
            "following_count": 0,
            "post_count": 0,
        }
        try:
            self.table.transact(
                self.table.put(self._claim(username, user_id), "attribute_not_exists(PK)"),
                self.table.put(user, "attribute_not_exists(PK)"),
            )
        except Cancelled as cancelled:
            raise UsernameTaken(username) from cancelled
        return user

    def by_id(self, user_id):
        if user := self.table.item(keys.user(user_id)):
            return user
        raise NotFound(f"user {user_id}")

    def by_name(self, username):
        """Through GSI1, which follows the table a moment later on a distributed store; None if unknown."""
        found = self.table.page(Key("GSI1PK").eq(f"USERNAME#{username}"), limit=1, IndexName="GSI1")
        return found.items[0] if found.items else None

    def update_profile(self, user_id, **changes):
        """Sets email and full_name, whichever are given."""
        if unknown := changes.keys() - {"email", "full_name"}:
            raise ValueError(f"not part of a profile: {sorted(unknown)}")
        try:
            return self.table.table.update_item(
                Key=keys.user(user_id),
                UpdateExpression="SET " + ", ".join(f"#{name} = :{name}" for name in changes),
                ConditionExpression="attribute_exists(PK)",
                ExpressionAttributeNames={f"#{name}": name for name in changes},
                ExpressionAttributeValues={f":{name}": value for name, value in changes.items()},
                ReturnValues="ALL_NEW",
            )["Attributes"]
        except ClientError as error:
            if error.response["Error"]["Code"] == "ConditionalCheckFailedException":
                raise NotFound(f"user {user_id}") from error
            raise

    def rename(self, user_id, username):
        """Gives the old name back and takes the new one, in one step."""
        user = self.by_id(user_id)
        rename = {
            "Update": {
                "TableName": self.table.name,
                "Key": keys.user(user_id),
                "UpdateExpression": "SET username = :new, GSI1PK = :index",
                "ConditionExpression": "username = :old",
                "ExpressionAttributeValues": {
                    ":new": username,
                    ":old": user["username"],
                    ":index": f"USERNAME#{username}",
                },
            }
        }
        try:
            self.table.transact(
                self.table.put(self._claim(username, user_id), "attribute_not_exists(PK)"),
                self.table.delete(keys.username(user["username"]), "attribute_exists(PK)"),
                rename,
            )
        except Cancelled as cancelled:
            if cancelled.failed(0):
                raise UsernameTaken(username) from cancelled
            raise NotFound(f"user {user_id} named {user['username']}") from cancelled

    def delete(self, user):
        """The profile and its name; what hangs on them is the caller's (see SocialApp.delete_user)."""
        self.table.transact(
            self.table.delete(keys.user(user["user_id"])),
            self.table.delete(keys.username(user["username"])),
        )

    def _claim(self, username, user_id):
        return {**keys.username(username), "entity_type": "Username", "user_id": user_id}
