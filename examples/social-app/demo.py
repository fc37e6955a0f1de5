"""A short tour against a running server: python demo.py [http://127.0.0.1:8000]"""

import sys

import boto3

from social import SocialApp, UsernameTaken

endpoint = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8000"
dynamodb = boto3.resource(
    "dynamodb", endpoint_url=endpoint, region_name="eu-west-1", aws_access_key_id="local", aws_secret_access_key="local"
)
app = SocialApp(dynamodb)
if app.table.name not in app.table.client.list_tables()["TableNames"]:
    app.create_table()

try:
    ada = app.users.create("ada", "ada@example.com", "Ada Lovelace")
    grace = app.users.create("grace", "grace@example.com", "Grace Hopper")
    app.follows.follow(ada["user_id"], grace["user_id"])
except UsernameTaken:
    ada, grace = app.users.by_name("ada"), app.users.by_name("grace")

post = app.posts.create(grace["user_id"], "I found a moth in the relay.")
app.posts.like(post["post_id"], ada["user_id"])
app.posts.comment(post["post_id"], ada["user_id"], "Do tape it into the log book.")

print("Ada's timeline:")
for post in app.timeline(ada["user_id"]).items:
    print(f"  {post['created_at']}  {post['content']}  {post['like_count']} likes, {post['comment_count']} comments")
