"""New and changed users of the social app, told to a webhook. For the test of this example only."""

import json
import os
import urllib.request


def lambda_handler(event, context):
    for record in event['Records']:
        if record['eventName'] == 'INSERT':
            # Process new item
            new_item = record['dynamodb']['NewImage']
            process_new_user(new_item)
        elif record['eventName'] == 'MODIFY':
            # Process updated item
            old_item = record['dynamodb']['OldImage']
            new_item = record['dynamodb']['NewImage']
            process_user_update(old_item, new_item)


def process_new_user(item):
    if item.get("entity_type") == {"S": "User"}:
        tell({"user": item["username"]["S"], "was": None, "followers": item["follower_count"]["N"]})


def process_user_update(old, new):
    if new.get("entity_type") == {"S": "User"}:
        followers = [image["follower_count"]["N"] for image in (old, new)]
        tell({"user": new["username"]["S"], "was": followers[0], "followers": followers[1]})


def tell(what):
    url = f"{os.environ['WEBHOOK_URL']}/mentions"
    urllib.request.urlopen(urllib.request.Request(url, data=json.dumps(what).encode()), timeout=2).read()
