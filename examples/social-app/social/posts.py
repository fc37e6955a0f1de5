"""Posts, the comments under them, and likes."""

from boto3.dynamodb.conditions import Key

from . import keys
from .errors import AlreadyLiked, NotFound
from .table import Cancelled


class Posts:
    """Each count on a post changes in the transaction that writes what it counts, so it is never off."""

    def __init__(self, table):
        self.table = table

    def create(self, author_id, content, image_url=None):
        post_id, created_at = keys.new_id(), keys.now()
        post = {
            **keys.post(author_id, created_at, post_id),
            "GSI1PK": f"POST#{post_id}",
            "GSI1SK": f"POST#{created_at}",
            "entity_type": "Post",
            "user_id": author_id,
            "post_id": post_id,
            "content": content,
            "image_url": image_url,
            "created_at": created_at,
            "like_count": 0,
            "comment_count": 0,
        }
        try:
            self.table.transact(
                self.table.put(post, "attribute_not_exists(PK)"),
                self.table.add(keys.user(author_id), "post_count", 1),
            )
        except Cancelled as cancelled:
            raise NotFound(f"user {author_id}") from cancelled
        return post

    def by_id(self, post_id):
        found = self.table.page(Key("GSI1PK").eq(f"POST#{post_id}"), limit=1, IndexName="GSI1")
        if found.items:
            return found.items[0]
        raise NotFound(f"post {post_id}")

    def of(self, user_id, limit=20, cursor=None):
        """The user's posts, latest first."""
        condition = Key("PK").eq(f"USER#{user_id}") & Key("SK").begins_with("POST#")
        return self.table.page(condition, limit, cursor, ScanIndexForward=False)

    def delete(self, post_id):
        """First the post and its count, which readers see; then what only hangs on the post."""
        post = self.by_id(post_id)
        try:
            self.table.transact(
                self.table.delete(keys.of(post), "attribute_exists(PK)"),
                self.table.add(keys.user(post["user_id"]), "post_count", -1),
            )
        except Cancelled as cancelled:
            raise NotFound(f"post {post_id}") from cancelled
        self.table.delete_all(self.table.all(Key("PK").eq(f"POST#{post_id}")))

    def comment(self, post_id, author_id, text):
        post, comment_id, created_at = self.by_id(post_id), keys.new_id(), keys.now()
        comment = {
            **keys.comment(post_id, created_at, comment_id),
            "GSI1PK": f"USER#{author_id}",
            "GSI1SK": f"COMMENT#{created_at}#{comment_id}",
            "entity_type": "Comment",
            "comment_id": comment_id,
            "post_id": post_id,
            "user_id": author_id,
            "text": text,
            "created_at": created_at,
        }
        try:
            self.table.transact(self.table.put(comment), self.table.add(keys.of(post), "comment_count", 1))
        except Cancelled as cancelled:
            raise NotFound(f"post {post_id}") from cancelled
        return comment

    def comments(self, post_id, limit=20, cursor=None):
        """Comments under a post, oldest first."""
        condition = Key("PK").eq(f"POST#{post_id}") & Key("SK").begins_with("COMMENT#")
        return self.table.page(condition, limit, cursor)

    def comments_by(self, user_id, limit=20, cursor=None):
        """What the user wrote under any post, latest first."""
        condition = Key("GSI1PK").eq(f"USER#{user_id}") & Key("GSI1SK").begins_with("COMMENT#")
        return self.table.page(condition, limit, cursor, IndexName="GSI1", ScanIndexForward=False)

    def delete_comment(self, comment):
        post = self.by_id(comment["post_id"])
        try:
            self.table.transact(
                self.table.delete(keys.of(comment), "attribute_exists(PK)"),
                self.table.add(keys.of(post), "comment_count", -1),
            )
        except Cancelled as cancelled:
            raise NotFound(f"comment {comment['comment_id']}") from cancelled

    def like(self, post_id, user_id):
        post = self.by_id(post_id)
        like = {
            **keys.like(post_id, user_id),
            "GSI1PK": f"USER#{user_id}",
            "GSI1SK": f"LIKE#{post_id}",
            "entity_type": "Like",
            "created_at": keys.now(),
        }
        try:
            self.table.transact(
                self.table.put(like, "attribute_not_exists(PK)"), self.table.add(keys.of(post), "like_count", 1)
            )
        except Cancelled as cancelled:
            if cancelled.failed(0):
                raise AlreadyLiked(f"{user_id} likes {post_id}") from cancelled
            raise NotFound(f"post {post_id}") from cancelled

    def unlike(self, post_id, user_id):
        post = self.by_id(post_id)
        try:
            self.table.transact(
                self.table.delete(keys.like(post_id, user_id), "attribute_exists(PK)"),
                self.table.add(keys.of(post), "like_count", -1),
            )
        except Cancelled as cancelled:
            raise NotFound(f"like of {post_id} by {user_id}") from cancelled

    def liked_by(self, user_id):
        """Ids of the posts a user likes."""
        condition = Key("GSI1PK").eq(f"USER#{user_id}") & Key("GSI1SK").begins_with("LIKE#")
        return [like["GSI1SK"].removeprefix("LIKE#") for like in self.table.all(condition, IndexName="GSI1")]
