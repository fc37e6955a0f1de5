"""What the application promises, against a real server."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from boto3.dynamodb.conditions import Attr
from social import AlreadyFollowing, AlreadyLiked, NotFound, UsernameTaken


def person(app, name):
    return app.users.create(name, f"{name}@example.com", name.title())["user_id"]


def counts(app, user_id):
    user = app.users.by_id(user_id)
    return user["post_count"], user["follower_count"], user["following_count"]


def contents(page):
    return [post["content"] for post in page.items]


def test_a_profile_is_found_by_id_and_by_name(app):
    ada = app.users.create("ada", "ada@example.com", "Ada Lovelace")
    assert app.users.by_id(ada["user_id"]) == ada
    assert app.users.by_name("ada") == ada
    assert app.users.by_name("nobody") is None
    with pytest.raises(NotFound):
        app.users.by_id("nobody")


def test_a_name_belongs_to_one_user(app):
    person(app, "ada")
    with pytest.raises(UsernameTaken):
        app.users.create("ada", "other@example.com", "Another Ada")
    users = app.table.table.scan(FilterExpression=Attr("entity_type").eq("User"))["Items"]
    assert len(users) == 1


def test_of_many_who_want_a_name_at_once_one_gets_it(app):
    def claim(number):
        try:
            return app.users.create("ada", f"{number}@example.com", "Ada")["user_id"]
        except UsernameTaken:
            return None

    with ThreadPoolExecutor(8) as threads:
        winners = [user_id for user_id in threads.map(claim, range(16)) if user_id]
    assert len(winners) == 1
    assert app.users.by_name("ada")["user_id"] == winners[0]


def test_a_profile_is_changed(app):
    ada = person(app, "ada")
    changed = app.users.update_profile(ada, full_name="Augusta Ada King", email="ada@king.example")
    assert (changed["full_name"], changed["email"]) == ("Augusta Ada King", "ada@king.example")
    with pytest.raises(NotFound):
        app.users.update_profile("nobody", email="x@example.com")


def test_renaming_frees_the_old_name_and_takes_the_new(app):
    ada, grace = person(app, "ada"), person(app, "grace")
    app.users.rename(ada, "augusta")
    assert app.users.by_name("augusta")["user_id"] == ada
    assert app.users.by_name("ada") is None
    with pytest.raises(UsernameTaken):
        app.users.rename(grace, "augusta")
    person(app, "ada")


def test_posts_come_latest_first_and_in_pages(app):
    ada = person(app, "ada")
    for number in range(7):
        app.posts.create(ada, f"post {number}")
    shown, cursor, pages = [], None, 0
    while True:
        page = app.posts.of(ada, limit=3, cursor=cursor)
        shown += contents(page)
        pages += 1
        if not (cursor := page.cursor):
            break
    assert shown == [f"post {number}" for number in reversed(range(7))]
    assert pages == 3
    assert counts(app, ada) == (7, 0, 0)


def test_a_post_needs_an_author(app):
    with pytest.raises(NotFound):
        app.posts.create("nobody", "hello")
    assert app.posts.of("nobody").items == []


def test_a_post_keeps_what_was_put_in(app):
    ada = person(app, "ada")
    post = app.posts.create(ada, "Ünïcode ✨ and an emoji 🚀", "https://example.com/a.png")
    assert app.posts.by_id(post["post_id"]) == post
    assert app.posts.by_id(app.posts.create(ada, "plain")["post_id"])["image_url"] is None


def test_comments_are_counted_and_paged_oldest_first(app):
    ada, grace = person(app, "ada"), person(app, "grace")
    post_id = app.posts.create(ada, "hello")["post_id"]
    comments = [app.posts.comment(post_id, grace, f"comment {number}") for number in range(5)]
    first = app.posts.comments(post_id, limit=3)
    second = app.posts.comments(post_id, limit=3, cursor=first.cursor)
    assert first.items + second.items == comments
    assert second.cursor is None
    assert app.posts.by_id(post_id)["comment_count"] == 5
    assert app.posts.comments_by(grace).items == comments[::-1]
    app.posts.delete_comment(comments[0])
    assert app.posts.by_id(post_id)["comment_count"] == 4
    with pytest.raises(NotFound):
        app.posts.delete_comment(comments[0])
    with pytest.raises(NotFound):
        app.posts.comment("no-such-post", grace, "hello?")


def test_a_like_counts_once(app):
    ada, grace = person(app, "ada"), person(app, "grace")
    post_id = app.posts.create(ada, "hello")["post_id"]
    app.posts.like(post_id, grace)
    with pytest.raises(AlreadyLiked):
        app.posts.like(post_id, grace)
    assert app.posts.by_id(post_id)["like_count"] == 1
    assert app.posts.liked_by(grace) == [post_id]
    app.posts.unlike(post_id, grace)
    with pytest.raises(NotFound):
        app.posts.unlike(post_id, grace)
    assert app.posts.by_id(post_id)["like_count"] == 0


def test_likes_of_many_at_once_are_all_counted(app):
    ada = person(app, "ada")
    post_id = app.posts.create(ada, "hello")["post_id"]
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda number: app.posts.like(post_id, f"fan-{number}"), range(24)))
    assert app.posts.by_id(post_id)["like_count"] == 24


def test_following_is_counted_on_both_sides(app):
    ada, grace, alan = person(app, "ada"), person(app, "grace"), person(app, "alan")
    app.follows.follow(ada, grace)
    app.follows.follow(alan, grace)
    with pytest.raises(AlreadyFollowing):
        app.follows.follow(ada, grace)
    assert counts(app, grace) == (0, 2, 0)
    assert counts(app, ada) == (0, 0, 1)
    assert sorted(app.follows.followers(grace)) == sorted([ada, alan])
    assert app.follows.following(ada) == [grace]
    app.follows.unfollow(ada, grace)
    with pytest.raises(NotFound):
        app.follows.unfollow(ada, grace)
    assert counts(app, grace) == (0, 1, 0)
    assert counts(app, ada) == (0, 0, 0)


def test_nobody_follows_a_stranger_or_themselves(app):
    ada = person(app, "ada")
    with pytest.raises(NotFound):
        app.follows.follow(ada, "nobody")
    with pytest.raises(NotFound):
        app.follows.follow("nobody", ada)
    with pytest.raises(ValueError):
        app.follows.follow(ada, ada)
    assert counts(app, ada) == (0, 0, 0)
    assert app.follows.following(ada) == []


def test_the_timeline_merges_whom_a_user_follows(app):
    ada, grace, alan, stranger = (person(app, name) for name in ("ada", "grace", "alan", "stranger"))
    app.follows.follow(ada, grace)
    app.follows.follow(ada, alan)
    for number in range(4):
        app.posts.create(grace, f"grace {number}")
        app.posts.create(alan, f"alan {number}")
        app.posts.create(stranger, f"stranger {number}")
    expected = [f"{name} {number}" for number in reversed(range(4)) for name in ("alan", "grace")]
    first = app.timeline(ada, limit=5)
    second = app.timeline(ada, limit=5, cursor=first.cursor)
    assert contents(first) + contents(second) == expected
    assert second.cursor is None
    app.follows.unfollow(ada, alan)
    assert contents(app.timeline(ada)) == [f"grace {number}" for number in reversed(range(4))]
    assert app.timeline(stranger).items == []


def test_deleting_a_post_takes_comments_and_likes_along(app):
    ada, grace = person(app, "ada"), person(app, "grace")
    post_id = app.posts.create(ada, "hello")["post_id"]
    for number in range(30):
        app.posts.comment(post_id, grace, f"comment {number}")
    app.posts.like(post_id, grace)
    app.posts.delete(post_id)
    assert counts(app, ada) == (0, 0, 0)
    assert app.posts.comments(post_id).items == []
    assert app.posts.liked_by(grace) == []
    with pytest.raises(NotFound):
        app.posts.by_id(post_id)


def test_deleting_a_user_leaves_nothing(app):
    ada, grace = person(app, "ada"), person(app, "grace")
    app.follows.follow(ada, grace)
    app.follows.follow(grace, ada)
    mine = app.posts.create(grace, "mine")["post_id"]
    hers = app.posts.create(ada, "hers")["post_id"]
    app.posts.comment(mine, ada, "well said")
    app.posts.like(mine, ada)
    app.posts.comment(hers, grace, "indeed")
    app.delete_user(ada)
    assert counts(app, grace) == (1, 0, 0)
    post = app.posts.by_id(mine)
    assert (post["like_count"], post["comment_count"]) == (0, 0)
    left = app.table.table.scan()["Items"]
    assert {item["entity_type"] for item in left} == {"User", "Username", "Post"}
    assert len(left) == 3
    person(app, "ada")
