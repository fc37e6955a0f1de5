"""The home timeline: the latest posts of everybody a user follows, merged when it is read."""

import heapq
from itertools import islice

from boto3.dynamodb.conditions import Key

from .table import Page

LATEST = "POST#\uffff"


def timeline(table, authors, limit=20, cursor=None):
    """Posts of `authors`, latest first. The cursor is the sort key of the last post shown; it means the same
    in every author's partition, so one cursor pages through all of them."""
    feeds = [_older(table, author, limit, cursor or LATEST) for author in authors]
    posts = list(islice(heapq.merge(*feeds, key=lambda post: post["SK"], reverse=True), limit))
    return Page(posts, posts[-1]["SK"] if len(posts) == limit else None)


def _older(table, author_id, limit, before):
    """At most `limit` posts before a place: a timeline of `limit` needs no more from one author."""
    condition = Key("PK").eq(f"USER#{author_id}") & Key("SK").between("POST#", before)
    found = table.page(condition, limit + 1, ScanIndexForward=False).items
    return [post for post in found if post["SK"] != before]
