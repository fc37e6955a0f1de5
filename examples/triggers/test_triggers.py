"""The example as a test: what the demo shows, and what happens when something is down, broken, or killed."""

import shutil

import boto3
import pytest
import triggers
from packages import zipped
from search_engine import SearchEngine
from social import SocialApp
from stator_process import StatorProcess

KEY = {"STATOR_ACCESS_KEY_ID": "me", "STATOR_SECRET_ACCESS_KEY": "secret"}

pytestmark = [
    pytest.mark.skipif(shutil.which("node") is None, reason="needs node"),
    pytest.mark.skipif(shutil.which("python3") is None, reason="needs python3"),
]


@pytest.fixture
def engine():
    engine = SearchEngine()
    yield engine
    engine.close()


@pytest.fixture
def server(tmp_path):
    with StatorProcess(tmp_path / "data", arguments=["--lambda"], environment=KEY) as server:
        yield server


def deployed(server, engine):
    dynamodb, lambda_ = clients(server)
    return dynamodb, lambda_, triggers.deploy(lambda_, triggers.create_tables(dynamodb), engine.url)


def clients(server):
    return triggers.clients(server.url, aws_access_key_id="me", aws_secret_access_key="secret")


def posts(dynamodb, numbers):
    for number in numbers:
        triggers.write_post(dynamodb, number, "ada", f"number {number} for @user{number}")


def counted(dynamodb):
    return sum(triggers.counts(dynamodb).values())


def test_the_demo_shows_what_became_of_the_posts(server, capsys):
    triggers.demo(*clients(server))
    shown = capsys.readouterr().out
    assert "search for engines: POST#1\n" in shown and "mentioned:          grace\n" in shown


def test_a_search_engine_that_is_down_gets_everything_later_and_holds_up_nobody(server, engine):
    dynamodb, lambda_, mappings = deployed(server, engine)
    engine.is_on = False
    posts(dynamodb, range(10))
    triggers.wait_until(lambda: counted(dynamodb) == 10)
    engine.is_on = True
    triggers.wait_until(lambda: len(engine.search("number")) == 10 and len(engine.mentions) >= 10)


def test_a_record_that_cannot_be_counted_is_given_up_and_the_others_are_counted(server, engine):
    dynamodb, lambda_, mappings = deployed(server, engine)
    posts(dynamodb, range(5))
    broken = {"pk": {"S": "POST#broken"}, "entity_type": {"S": "Post"}, "content": {"S": "without a time"}}
    dynamodb.put_item(TableName=triggers.TABLE, Item=broken)
    shown = lambda: lambda_.get_event_source_mapping(UUID=mappings["analytics"])["LastProcessingResult"]
    triggers.wait_until(lambda: shown() == "PROBLEM: Function call failed. KeyError: 'created_at'")
    posts(dynamodb, range(5, 10))
    triggers.wait_until(lambda: counted(dynamodb) == 10 and shown() == "OK")


def test_nothing_is_lost_or_counted_twice_when_the_server_is_killed(server, engine):
    dynamodb, lambda_, mappings = deployed(server, engine)
    for crash in range(3):
        posts(dynamodb, range(crash * 20, crash * 20 + 20))
        triggers.wait_until(lambda: counted(dynamodb) > crash * 20)
        server.kill()
        server.start()
        dynamodb, lambda_ = clients(server)
    triggers.wait_until(lambda: counted(dynamodb) == 60 and len(engine.search("number")) == 60)
    assert {mention["user"] for mention in engine.mentions} == {f"user{number}" for number in range(60)}


def test_a_handler_receives_the_changes_of_the_social_app(server, engine):
    dynamodb, lambda_ = clients(server)
    credentials = {"aws_access_key_id": "me", "aws_secret_access_key": "secret"}
    app = SocialApp(boto3.resource("dynamodb", endpoint_url=server.url, region_name="eu-west-1", **credentials))
    app.create_table()
    stream = {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}
    changed = dynamodb.update_table(TableName="SocialMediaApp", StreamSpecification=stream)
    package = zipped("social.py")
    triggers.function(lambda_, "social", "python3.13", "social.lambda_handler", package, WEBHOOK_URL=engine.url)
    triggers.mapping(lambda_, "social", changed["TableDescription"]["LatestStreamArn"])
    ada = app.users.create("ada", "ada@example.com", "Ada Lovelace")
    grace = app.users.create("grace", "grace@example.com", "Grace Hopper")
    app.follows.follow(grace["user_id"], ada["user_id"])
    expected = [("ada", None, "0"), ("grace", None, "0"), ("ada", "0", "1")]
    told = lambda: [(told["user"], told["was"], told["followers"]) for told in engine.mentions]
    triggers.wait_until(lambda: set(expected) <= set(told()))
    assert [change for change in told() if change[0] == "ada"][:2] == [("ada", None, "0"), ("ada", "0", "1")]
