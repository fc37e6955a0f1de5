"""The application: one object with everything the network can do."""

from .follows import Follows
from .posts import Posts
from .table import NAME, Table
from .timeline import timeline
from .users import Users


class SocialApp:
    """Takes a boto3 DynamoDB resource: SocialApp(boto3.resource("dynamodb", endpoint_url=...))."""

    def __init__(self, dynamodb, table_name=NAME):
        self.table = Table(dynamodb, table_name)
        self.users = Users(self.table)
        self.posts = Posts(self.table)
        self.follows = Follows(self.table)

    def create_table(self):
        self.table.create()
        return self

    def timeline(self, user_id, limit=20, cursor=None):
        return timeline(self.table, self.follows.following(user_id), limit, cursor)

    def delete_user(self, user_id):
        """Everything a user left, leaves first: likes, comments, posts, relations, then profile and name."""
        user = self.users.by_id(user_id)
        for post_id in self.posts.liked_by(user_id):
            self.posts.unlike(post_id, user_id)
        for comment in self._all(self.posts.comments_by, user_id):
            self.posts.delete_comment(comment)
        for post in self._all(self.posts.of, user_id):
            self.posts.delete(post["post_id"])
        for followed in self.follows.following(user_id):
            self.follows.unfollow(user_id, followed)
        for follower in self.follows.followers(user_id):
            self.follows.unfollow(follower, user_id)
        self.users.delete(user)

    def _all(self, pages, user_id):
        items, cursor = [], None
        while True:
            page = pages(user_id, limit=100, cursor=cursor)
            items += page.items
            if not (cursor := page.cursor):
                return items
