"""DAX's client for Python, on servers of its own: every operation, what is cached and seen to be, who may do what."""

import json
import os
import subprocess
import time
import urllib.request
from contextlib import contextmanager
from uuid import uuid4

import boto3
import pytest
from amazondax import AmazonDaxClient
from amazondax.DaxError import DaxClientError
from botocore.exceptions import ClientError

BINARY = os.environ.get("STATOR_BIN")
pytestmark = pytest.mark.skipif(not BINARY, reason="STATOR_BIN names no binary")

REGION = "eu-west-1"
CREDENTIALS = {"region_name": REGION, "aws_access_key_id": "local", "aws_secret_access_key": "local"}
CAPACITY = {"ReturnConsumedCapacity": "TOTAL"}


def serving(folder, *flags):
    """A server with DAX's listener: what its ready file says."""
    ready = folder / "ready"
    return started([BINARY, "--port", "0", "--dax", "--dax-port", "0", "--ready-file", str(ready), *flags], ready)


@contextmanager
def started(command, ready):
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(600):
            if ready.exists():
                break
            assert process.poll() is None
            time.sleep(0.05)
        yield json.loads(ready.read_text())
    finally:
        process.terminate()
        process.wait()


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with serving(tmp_path_factory.mktemp("dax"), "--memory") as server:
        yield server


@pytest.fixture(scope="module")
def http(server):
    return boto3.client("dynamodb", endpoint_url=server["url"], **CREDENTIALS)


@pytest.fixture(scope="module")
def dax(server):
    with AmazonDaxClient(boto3.session.Session(**CREDENTIALS), endpoint_url=server["dax"]) as dax:
        yield dax


def create(http):
    name = f"t-{uuid4().hex}"
    http.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[
            {"AttributeName": "pk", "AttributeType": "S"},
            {"AttributeName": "sk", "AttributeType": "N"},
            {"AttributeName": "kind", "AttributeType": "S"},
        ],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "by-kind",
                "KeySchema": [{"AttributeName": "kind", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
        BillingMode="PAY_PER_REQUEST",
    )
    return name


@pytest.fixture
def table(http):
    return create(http)


def key(sk, pk="a"):
    return {"pk": {"S": pk}, "sk": {"N": str(sk)}}


def refusal(call, **parameters):
    with pytest.raises((ClientError, DaxClientError)) as refused:
        call(**parameters)
    return refused.value.response["Error"]["Code"]


def was_read(answer):
    """Whether the table was read: an answer from the cache has cost nothing."""
    return bool(answer.get("ConsumedCapacity"))


def test_an_item_comes_back_as_over_http(dax, http, table):
    item = {
        **key(1.5),
        "text": {"S": "é🚀"},
        "number": {"N": "-12345678901234567890.5"},
        "bytes": {"B": b"\x00\xff"},
        "set": {"SS": ["a", "b"]},
        "numbers": {"NS": ["1", "2.5"]},
        "blobs": {"BS": [b"\x01", b"\x02"]},
        "list": {"L": [{"NULL": True}, {"BOOL": False}, {"M": {"deep": {"L": []}}}]},
        "empty": {"S": ""},
    }
    dax.put_item(TableName=table, Item=item)
    over_http = http.get_item(TableName=table, Key=key(1.5), ConsistentRead=True)["Item"]

    def plain(item):
        return {name: {tag: sorted(value) if tag in ("SS", "NS", "BS") else value} for name, typed in item.items() for tag, value in typed.items()}

    for _ in range(2):
        assert plain(dax.get_item(TableName=table, Key=key(1.5))["Item"]) == plain(over_http) == plain(item)


def test_what_is_read_again_comes_from_the_cache(dax, http, table):
    get = {"TableName": table, "Key": key(1), **CAPACITY}
    dax.put_item(TableName=table, Item={**key(1), "v": {"N": "1"}})
    assert was_read(dax.get_item(**get)) and not was_read(dax.get_item(**get))
    assert was_read(dax.get_item(**get, ConsistentRead=True))
    http.put_item(TableName=table, Item={**key(1), "v": {"N": "2"}})
    again = dax.get_item(**get)
    assert was_read(again) and again["Item"]["v"] == {"N": "2"}

    missing = {"TableName": table, "Key": key(9), **CAPACITY}
    assert was_read(dax.get_item(**missing))
    from_the_cache = dax.get_item(**missing)
    assert not was_read(from_the_cache) and "Item" not in from_the_cache
    dax.put_item(TableName=table, Item=key(9))
    assert dax.get_item(**missing)["Item"] == key(9)

    query = {
        "TableName": table,
        "KeyConditionExpression": "pk = :p",
        "ExpressionAttributeValues": {":p": {"S": "a"}},
        **CAPACITY,
    }
    for call, request in ((dax.query, query), (dax.scan, {"TableName": table, **CAPACITY})):
        assert was_read(call(**request)) and not was_read(call(**request))
        http.put_item(TableName=table, Item=key(10))
        again = call(**request)
        assert was_read(again) and key(10) in again["Items"]
        http.delete_item(TableName=table, Key=key(10))


def test_expressions(dax, table):
    dax.put_item(TableName=table, Item={**key(1), "n": {"N": "1"}, "m": {"M": {"l": {"L": [{"S": "x"}, {"S": "y"}]}}}})
    update = dax.update_item(
        TableName=table,
        Key=key(1),
        UpdateExpression="SET #n = #n + :one, m.l = list_append(m.l, :z) REMOVE gone ADD tags :t",
        ConditionExpression="attribute_exists(pk) AND (#n BETWEEN :one AND :five OR contains(tags, :x)) AND NOT size(m) > :five",
        ExpressionAttributeNames={"#n": "n"},
        ExpressionAttributeValues={
            ":one": {"N": "1"},
            ":five": {"N": "5"},
            ":x": {"S": "x"},
            ":z": {"L": [{"S": "z"}]},
            ":t": {"SS": ["t"]},
        },
        ReturnValues="UPDATED_NEW",
    )
    assert update["Attributes"]["n"] == {"N": "2"} and update["Attributes"]["tags"] == {"SS": ["t"]}
    projected = dax.get_item(TableName=table, Key=key(1), ProjectionExpression="n, m.l[2], missing")
    assert projected["Item"] == {"n": {"N": "2"}, "m": {"M": {"l": {"L": [{"S": "z"}]}}}}
    refused = {"TableName": table, "Item": key(1), "ConditionExpression": "attribute_not_exists(pk)"}
    assert refusal(dax.put_item, **refused) == "ConditionalCheckFailedException"
    deleted = dax.delete_item(TableName=table, Key=key(1), ReturnValues="ALL_OLD")
    assert deleted["Attributes"]["n"] == {"N": "2"}


def test_pages_of_a_table_and_of_an_index(dax, table):
    items = [{**key(sk), "kind": {"S": "k"}} for sk in range(7)]
    dax.batch_write_item(RequestItems={table: [{"PutRequest": {"Item": item}} for item in items]})
    for request in (
        {"KeyConditionExpression": "pk = :p", "ExpressionAttributeValues": {":p": {"S": "a"}}},
        {"KeyConditionExpression": "kind = :k", "ExpressionAttributeValues": {":k": {"S": "k"}}, "IndexName": "by-kind"},
    ):
        found, more = [], {}
        while True:
            page = dax.query(TableName=table, Limit=3, **request, **more)
            found += page["Items"]
            if "LastEvaluatedKey" not in page:
                break
            more = {"ExclusiveStartKey": page["LastEvaluatedKey"]}
        assert found == items
    backwards = dax.query(TableName=table, ScanIndexForward=False, Limit=1, **request)
    assert backwards["Items"] == items[-1:]
    counted = dax.query(TableName=table, Select="COUNT", **request)
    assert counted["Count"] == 7 and not counted.get("Items")
    segments = [dax.scan(TableName=table, Segment=at, TotalSegments=3)["Items"] for at in range(3)]
    assert sorted(sum(segments, []), key=lambda item: float(item["sk"]["N"])) == items
    filtered = dax.scan(TableName=table, FilterExpression="sk >= :n", ExpressionAttributeValues={":n": {"N": "5"}})
    assert (filtered["Count"], filtered["ScannedCount"]) == (2, 7)


def test_batches_and_transactions(dax, table):
    items = [{**key(sk), "v": {"N": str(sk)}} for sk in range(3)]
    dax.batch_write_item(RequestItems={table: [{"PutRequest": {"Item": item}} for item in items]})
    keys = [key(sk) for sk in (0, 1, 2, 8)]
    for _ in range(2):
        found = dax.batch_get_item(RequestItems={table: {"Keys": keys}})["Responses"][table]
        assert sorted(found, key=lambda item: item["sk"]["N"]) == items
    dax.batch_write_item(RequestItems={table: [{"DeleteRequest": {"Key": key(2)}}]})
    found = dax.batch_get_item(RequestItems={table: {"Keys": keys}})["Responses"][table]
    assert sorted(found, key=lambda item: item["sk"]["N"]) == items[:2]
    for sk in (0, 2, 8):
        assert not was_read(dax.get_item(TableName=table, Key=key(sk), **CAPACITY)), "batches cache what they have not found"

    dax.transact_write_items(
        TransactItems=[
            {"Put": {"TableName": table, "Item": key(5)}},
            {
                "Update": {
                    "TableName": table,
                    "Key": key(0),
                    "UpdateExpression": "SET v = :v",
                    "ExpressionAttributeValues": {":v": {"N": "7"}},
                }
            },
            {"Delete": {"TableName": table, "Key": key(1)}},
            {"ConditionCheck": {"TableName": table, "Key": key(9), "ConditionExpression": "attribute_not_exists(pk)"}},
        ]
    )
    gets = [{"Get": {"TableName": table, "Key": key(sk)}} for sk in (5, 0, 1)]
    answers = dax.transact_get_items(TransactItems=gets)["Responses"]
    assert [answer.get("Item") if answer else None for answer in answers] == [key(5), {**key(0), "v": {"N": "7"}}, None]
    assert "Item" not in dax.get_item(TableName=table, Key=key(1))
    refused = [{"Put": {"TableName": table, "Item": key(5), "ConditionExpression": "attribute_not_exists(pk)"}}]
    assert refusal(dax.transact_write_items, TransactItems=refused) == "TransactionCanceledException"


def test_errors_are_those_of_dynamodb(dax, table):
    assert refusal(dax.get_item, TableName="missing-table", Key=key(1)) == "ResourceNotFoundException"
    empty = {"TableName": table, "Key": {"pk": {"S": ""}, "sk": {"N": "1"}}}
    assert refusal(dax.get_item, **empty) == "ValidationException"
    wrong = {"TableName": table, "Key": key(1), "UpdateExpression": "SET pk = :v", "ExpressionAttributeValues": {":v": {"S": "b"}}}
    assert refusal(dax.update_item, **wrong) == "ValidationException"


def test_a_cluster_of_aws_is_as_stale_as_daxs(tmp_path):
    with serving(tmp_path, "--memory", "--dax-cache-mode", "aws") as server:
        http = boto3.client("dynamodb", endpoint_url=server["url"], **CREDENTIALS)
        table = create(http)
        with AmazonDaxClient(boto3.session.Session(**CREDENTIALS), endpoint_url=server["dax"]) as dax:
            dax.put_item(TableName=table, Item={**key(1), "v": {"N": "1"}})
            get = {"TableName": table, "Key": key(1)}
            assert not was_read(dax.get_item(**get, **CAPACITY)), "a write by DAX is in the cache"
            http.put_item(TableName=table, Item={**key(1), "v": {"N": "2"}})
            assert dax.get_item(**get)["Item"]["v"] == {"N": "1"}
            assert dax.get_item(**get, ConsistentRead=True)["Item"]["v"] == {"N": "2"}
            dax.update_item(
                **get, UpdateExpression="SET w = :w", ExpressionAttributeValues={":w": {"N": "3"}}
            )
            assert dax.get_item(**get)["Item"] == {**key(1), "v": {"N": "2"}, "w": {"N": "3"}}


def test_a_cluster_that_is_created_is_the_listener(server, http, table):
    control = boto3.client("dax", endpoint_url=server["url"], **CREDENTIALS)
    name = f"c-{uuid4().hex[:12]}"
    control.create_parameter_group(ParameterGroupName=name)
    times = [{"ParameterName": "query-ttl-millis", "ParameterValue": "0"}]
    control.update_parameter_group(ParameterGroupName=name, ParameterNameValues=times)
    role = "arn:aws:iam::000000000000:role/dax"
    asked = {"ClusterName": name, "NodeType": "dax.t3.small", "ReplicationFactor": 2, "IamRoleArn": role}
    made = control.create_cluster(**asked, ParameterGroupName=name, Tags=[{"Key": "team", "Value": "x"}])["Cluster"]
    assert (made["Status"], made["TotalNodes"]) == ("creating", 2)
    assert refusal(control.create_cluster, **asked) == "ClusterAlreadyExistsFault"
    assert control.list_tags(ResourceName=made["ClusterArn"])["Tags"] == [{"Key": "team", "Value": "x"}]
    (shown,) = control.describe_clusters(ClusterNames=[name])["Clusters"]
    url = shown["ClusterDiscoveryEndpoint"]["URL"]
    assert (shown["Status"], url) == ("available", server["dax"])
    with AmazonDaxClient(boto3.session.Session(**CREDENTIALS), endpoint_url=url) as dax:
        dax.put_item(TableName=table, Item=key(1))
        get = {"TableName": table, "Key": key(1), **CAPACITY}
        assert was_read(dax.get_item(**get)) and not was_read(dax.get_item(**get))
        scan = {"TableName": table, **CAPACITY}
        assert was_read(dax.scan(**scan)) and was_read(dax.scan(**scan)), "its group has no time for pages"
        assert refusal(control.delete_parameter_group, ParameterGroupName=name) == "InvalidParameterGroupStateFault"
        control.delete_cluster(ClusterName=name)
        assert was_read(dax.scan(**scan)) and not was_read(dax.scan(**scan))
    assert refusal(control.describe_clusters, ClusterNames=[name]) == "ClusterNotFoundFault"
    control.delete_parameter_group(ParameterGroupName=name)
    events = control.describe_events(SourceName=name, SourceType="CLUSTER")["Events"]
    assert [event["Message"] for event in events] == ["Cluster deleted.", "Cluster created."]


def test_metrics_and_times_of_a_cluster(tmp_path):
    with serving(tmp_path, "--memory", "--adjustable-clock") as server:
        http, control, cloudwatch = (
            boto3.client(name, endpoint_url=server["url"], **CREDENTIALS) for name in ("dynamodb", "dax", "cloudwatch")
        )

        def advance(seconds):
            url = f"{server['url']}/_aws/clock?advance={seconds}"
            urllib.request.urlopen(urllib.request.Request(url, method="PUT")).close()

        control.create_parameter_group(ParameterGroupName="quick")
        times = [{"ParameterName": "record-ttl-millis", "ParameterValue": "30000"}]
        control.update_parameter_group(ParameterGroupName="quick", ParameterNameValues=times)
        role = "arn:aws:iam::000000000000:role/dax"
        asked = {"NodeType": "dax.t3.small", "ReplicationFactor": 1, "IamRoleArn": role}
        control.create_cluster(ClusterName="social", **asked, ParameterGroupName="quick")
        table = create(http)
        with AmazonDaxClient(boto3.session.Session(**CREDENTIALS), endpoint_url=server["dax"]) as dax:
            get = {"TableName": table, "Key": key(1), **CAPACITY}
            assert [was_read(dax.get_item(**get)) for _ in range(3)] == [True, False, False]
            advance(30)
            assert was_read(dax.get_item(**get))
            refusal(dax.put_item, TableName="missing-table", Item=key(1))
        advance(60)

        def total(metric, cluster):
            found = cloudwatch.get_metric_statistics(
                Namespace="AWS/DAX",
                MetricName=metric,
                Dimensions=[{"Name": "ClusterId", "Value": cluster}],
                StartTime=time.time() - 3600,
                EndTime=time.time() + 3600,
                Period=3600,
                Statistics=["Sum"],
            )
            return sum(point["Sum"] for point in found["Datapoints"])

        for cluster in ("stator", "social"):
            for _ in range(600):
                counted = total("ItemCacheHits", cluster), total("ItemCacheMisses", cluster)
                if counted == (2, 2):
                    break
                time.sleep(0.05)
            assert counted == (2, 2)
            assert total("ErrorRequestCount", cluster) > 0
            assert total("TotalRequestCount", cluster) > total("ItemCacheHits", cluster)


def test_without_dax_there_is_no_cluster(tmp_path):
    ready = tmp_path / "ready"
    command = [BINARY, "--port", "0", "--memory", "--ready-file", str(ready)]
    with started(command, ready) as plain:
        control = boto3.client("dax", endpoint_url=plain["url"], **CREDENTIALS)
        assert control.describe_clusters()["Clusters"] == []
        role = "arn:aws:iam::000000000000:role/dax"
        asked = {"ClusterName": "social", "NodeType": "dax.t3.small", "ReplicationFactor": 1, "IamRoleArn": role}
        assert refusal(control.create_cluster, **asked) == "InsufficientClusterCapacityFault"


@pytest.fixture(scope="module")
def production(tmp_path_factory):
    """A server of `stator init`: TLS, signatures that are verified, the policies of IAM."""
    folder = tmp_path_factory.mktemp("dax-production") / "server"
    shown = subprocess.run([BINARY, "init", str(folder)], check=True, capture_output=True, text=True).stdout
    words = dict(word.split("=", 1) for word in shown.split() if word.startswith("AWS_") and "=" in word)
    keys = {"aws_access_key_id": words["AWS_ACCESS_KEY_ID"], "aws_secret_access_key": words["AWS_SECRET_ACCESS_KEY"]}
    with serving(folder, "--config", str(folder / "stator.toml")) as server:
        yield {**server, "keys": keys, "authority": str(folder / "ca.pem")}


def test_who_may_do_what_over_tls(production, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", production["authority"])
    assert production["dax"].startswith("daxs://")

    def api(service):
        return boto3.client(
            service, endpoint_url=production["url"], region_name=REGION, verify=production["authority"], **production["keys"]
        )

    def connected(**keys):
        session = boto3.session.Session(region_name=REGION, **keys)
        return AmazonDaxClient(session, endpoint_url=production["dax"])

    def user(*actions, resource="*"):
        name = f"u-{uuid4().hex}"
        api("iam").create_user(UserName=name)
        statement = {"Effect": "Allow", "Action": list(actions), "Resource": resource}
        document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        api("iam").put_user_policy(UserName=name, PolicyName="p", PolicyDocument=document)
        made = api("iam").create_access_key(UserName=name)["AccessKey"]
        return {"aws_access_key_id": made["AccessKeyId"], "aws_secret_access_key": made["SecretAccessKey"]}

    table = create(api("dynamodb"))
    with connected(**production["keys"]) as own:
        own.put_item(TableName=table, Item=key(1))
        assert own.get_item(TableName=table, Key=key(1))["Item"] == key(1)
    with connected(**user("dax:GetItem")) as reader:
        assert reader.get_item(TableName=table, Key=key(1))["Item"] == key(1)
        assert refusal(reader.put_item, TableName=table, Item=key(2)) == "AccessDeniedException"
        keys = {table: {"Keys": [key(1)]}}
        assert refusal(reader.batch_get_item, RequestItems=keys) == "AccessDeniedException"
    with connected(**user("dynamodb:*")) as past:
        assert refusal(past.get_item, TableName=table, Key=key(1)) == "AccessDeniedException"
    with connected(**user("dax:GetItem", resource="arn:aws:dax:*:*:cache/social")) as of_cluster:
        assert refusal(of_cluster.get_item, TableName=table, Key=key(1)) == "AccessDeniedException"
        role = "arn:aws:iam::000000000000:role/dax"
        encryption = {"ClusterEndpointEncryptionType": "TLS"}
        asked = {"ClusterName": "social", "NodeType": "dax.t3.small", "ReplicationFactor": 1, "IamRoleArn": role}
        maker = boto3.client(
            "dax",
            endpoint_url=production["url"],
            region_name=REGION,
            verify=production["authority"],
            **user("dax:CreateCluster"),
        )
        assert refusal(maker.create_cluster, **asked) == "AccessDeniedException", "its role was not to be passed"
        api("dax").create_cluster(**asked, **encryption)
        assert of_cluster.get_item(TableName=table, Key=key(1))["Item"] == key(1)
    with pytest.raises(Exception) as unknown:
        connected(**{**production["keys"], "aws_secret_access_key": "another"}).get_item(TableName=table, Key=key(1))
    assert "authentication" in str(unknown.value)
