"""Every key of the table and its index, in one place.

    item        PK               SK                  GSI1PK           GSI1SK
    User        USER#id          USER#id             USERNAME#name    USER#id
    Username    USERNAME#name    USERNAME#name
    Post        USER#author      POST#time#id        POST#id          POST#time
    Comment     POST#post        COMMENT#time#id     USER#author      COMMENT#time#id
    Like        POST#post        LIKE#user           USER#user        LIKE#post
    Following   USER#follower    FOLLOWING#followed  USER#followed    FOLLOWER#follower

A post sorts by time inside its author, so "the latest posts of a user" is one backward query, and sort keys
of different authors compare with each other, which is what merging a timeline needs.
"""

from datetime import datetime, timezone
from uuid import uuid4


def now():
    """ISO 8601 in UTC, always with microseconds: plain isoformat() drops them when they are zero, and then
    the strings do not sort by time."""
    return datetime.now(timezone.utc).isoformat(timespec="microseconds")


def new_id():
    return str(uuid4())


def user(user_id):
    return {"PK": f"USER#{user_id}", "SK": f"USER#{user_id}"}


def username(name):
    return {"PK": f"USERNAME#{name}", "SK": f"USERNAME#{name}"}


def post(author_id, created_at, post_id):
    return {"PK": f"USER#{author_id}", "SK": f"POST#{created_at}#{post_id}"}


def comment(post_id, created_at, comment_id):
    return {"PK": f"POST#{post_id}", "SK": f"COMMENT#{created_at}#{comment_id}"}


def like(post_id, user_id):
    return {"PK": f"POST#{post_id}", "SK": f"LIKE#{user_id}"}


def following(follower_id, followed_id):
    return {"PK": f"USER#{follower_id}", "SK": f"FOLLOWING#{followed_id}"}


def of(item):
    """The primary key of an item that was read."""
    return {"PK": item["PK"], "SK": item["SK"]}
