"""Three functions on the changes of one table.

    python triggers.py demo        deploys them, writes a few posts, and shows what became of those
    python triggers.py status      what the mappings say of their last batches
"""

import argparse
import time

import boto3
from packages import zipped
from search_engine import SearchEngine

TABLE, COUNTS = "Posts", "PostCounts"
ROLE = "arn:aws:iam::000000000000:role/triggers"
NEW_POSTS = '{"eventName": ["INSERT"], "dynamodb": {"NewImage": {"entity_type": {"S": ["Post"]}}}}'


def clients(endpoint, **credentials):
    settings = {"endpoint_url": endpoint, "region_name": "eu-west-1", **credentials}
    return boto3.client("dynamodb", **settings), boto3.client("lambda", **settings)


def create_tables(dynamodb):
    """The table with a stream of its changes, and the one that the counter writes to."""
    for name, stream in [(TABLE, {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}), (COUNTS, None)]:
        table = {
            "TableName": name,
            "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
            "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
            "BillingMode": "PAY_PER_REQUEST",
        }
        try:
            dynamodb.create_table(**table, **({"StreamSpecification": stream} if stream else {}))
        except dynamodb.exceptions.ResourceInUseException:
            pass  # from the last time
    return dynamodb.describe_table(TableName=TABLE)["Table"]["LatestStreamArn"]


def deploy(lambda_, stream_arn, engine_url):
    """The functions and their mappings, in place of those from the last time."""
    function(lambda_, "analytics", "python3.13", "analytics.lambda_handler", zipped("analytics.py", with_boto3=True),
             COUNTS_TABLE=COUNTS)
    function(lambda_, "search-index", "python3.13", "search_index.lambda_handler", zipped("search_index.py"),
             SEARCH_URL=engine_url)
    function(lambda_, "notify", "nodejs22.x", "notify.handler", zipped("notify.mjs"), WEBHOOK_URL=engine_url)
    return {
        "analytics": mapping(lambda_, "analytics", stream_arn, MaximumRetryAttempts=3, BisectBatchOnFunctionError=True),
        "search-index": mapping(lambda_, "search-index", stream_arn, FunctionResponseTypes=["ReportBatchItemFailures"]),
        "notify": mapping(lambda_, "notify", stream_arn, FilterCriteria={"Filters": [{"Pattern": NEW_POSTS}]}),
    }


def function(lambda_, name, runtime, handler, package, **environment):
    for old in lambda_.list_event_source_mappings(FunctionName=name)["EventSourceMappings"]:
        lambda_.delete_event_source_mapping(UUID=old["UUID"])
    try:
        lambda_.delete_function(FunctionName=name)
    except lambda_.exceptions.ResourceNotFoundException:
        pass  # the first time
    lambda_.create_function(
        FunctionName=name,
        Runtime=runtime,
        Handler=handler,
        Role=ROLE,
        Timeout=15,
        MemorySize=256,
        Code={"ZipFile": package},
        Environment={"Variables": environment},
    )
    lambda_.get_waiter("function_active_v2").wait(FunctionName=name, WaiterConfig={"Delay": 1})


def mapping(lambda_, function_name, stream_arn, **settings):
    made = lambda_.create_event_source_mapping(
        FunctionName=function_name, EventSourceArn=stream_arn, StartingPosition="TRIM_HORIZON", **settings
    )
    return made["UUID"]


def write_post(dynamodb, id, author, content):
    item = {"pk": f"POST#{id}", "entity_type": "Post", "author": author, "content": content,
            "created_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}
    dynamodb.put_item(TableName=TABLE, Item={name: {"S": value} for name, value in item.items()})


def counts(dynamodb):
    """Events by kind and day."""
    items = dynamodb.scan(TableName=COUNTS)["Items"]
    return {item["pk"]["S"]: int(item["events"]["N"]) for item in items if "events" in item}


def status(_, lambda_):
    for shown in lambda_.list_event_source_mappings()["EventSourceMappings"]:
        name = shown["FunctionArn"].rsplit(":", 1)[-1]
        print(f"{name:14} {shown['State']:10} {shown['LastProcessingResult']}")


def demo(dynamodb, lambda_):
    engine = SearchEngine()
    deploy(lambda_, create_tables(dynamodb), engine.url)
    write_post(dynamodb, 1, "ada", "Analytical engines weave algebraical patterns, @grace")
    write_post(dynamodb, 2, "grace", "A ship in port is safe, but that is not what ships are built for")
    write_post(dynamodb, 3, "ada", "Engines need programs")
    dynamodb.delete_item(TableName=TABLE, Key={"pk": {"S": "POST#3"}})
    wait_until(lambda: engine.search("engines") == ["POST#1"] and engine.mentions and counts(dynamodb))
    print("search for engines:", ", ".join(engine.search("engines")))
    print("mentioned:         ", ", ".join(mention["user"] for mention in engine.mentions))
    print("counted:           ", counts(dynamodb))
    status(dynamodb, lambda_)
    engine.close()


def wait_until(condition, seconds=30):
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError("it did not happen; see `python triggers.py status`")
        time.sleep(0.02)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=["demo", "status"])
    parser.add_argument("--endpoint", default="http://127.0.0.1:8000")
    told = parser.parse_args()
    {"demo": demo, "status": status}[told.command](*clients(told.endpoint))
