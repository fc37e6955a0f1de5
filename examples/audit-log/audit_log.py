"""The audit log on the command line.

    python audit_log.py demo                  a few changes of personnel records, and the report
    python audit_log.py collect               follow the stream until Ctrl-C
    python audit_log.py report [--record ID | --by NAME [--since 2026-01-31]]
"""

import argparse

import boto3
from botocore.exceptions import ClientError

from audit import Collector, Personnel, Trail, report
from audit.shards import latest_stream


def services(endpoint):
    settings = {
        "endpoint_url": endpoint,
        "region_name": "eu-west-1",
        "aws_access_key_id": "local",
        "aws_secret_access_key": "local",
    }
    return boto3.resource("dynamodb", **settings), boto3.client("dynamodbstreams", **settings)


def made(store):
    """The store, with its table where there was none."""
    try:
        return store.create_table()
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceInUseException":
            raise
        return store


def collector(dynamodb, streams):
    personnel, trail = made(Personnel(dynamodb)), made(Trail(dynamodb))
    return Collector(streams, latest_stream(dynamodb, personnel.name), trail)


def demo(dynamodb, streams, _):
    personnel, trail = made(Personnel(dynamodb)), made(Trail(dynamodb))
    for employee in ("ada", "grace"):
        personnel.table.delete_item(Key={"employee": employee})
    personnel.hire("ada", by="hr.kim", name="Ada Lovelace", salary=5000, languages={"en", "fr"})
    personnel.hire("grace", by="hr.kim", name="Grace Hopper", salary=5400)
    personnel.change("ada", by="payroll", why="yearly raise", salary=5300)
    personnel.change("ada", by="mallory", why="", salary=9000, bank_account="XX99")
    personnel.erase("grace", by="hr.lee", why="retired")
    Collector(streams, latest_stream(dynamodb, personnel.name), trail).sweep()
    print(report(trail.everything()), end="")


def collect(dynamodb, streams, _):
    try:
        collector(dynamodb, streams).follow()
    except KeyboardInterrupt:
        pass


def show(dynamodb, streams, arguments):
    collector(dynamodb, streams).sweep()
    trail = Trail(dynamodb)
    if arguments.record:
        entries = trail.of_record(arguments.record)
    elif arguments.by:
        entries = sorted(trail.of_person(arguments.by, arguments.since), key=lambda entry: entry["record"])
    else:
        entries = trail.everything()
    print(report(entries), end="")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--endpoint", default="http://127.0.0.1:8000")
    commands = parser.add_subparsers(required=True)
    commands.add_parser("demo").set_defaults(run=demo)
    commands.add_parser("collect").set_defaults(run=collect)
    reporting = commands.add_parser("report")
    reporting.add_argument("--record")
    reporting.add_argument("--by")
    reporting.add_argument("--since", default="")
    reporting.set_defaults(run=show)
    arguments = parser.parse_args()
    arguments.run(*services(arguments.endpoint), arguments)


if __name__ == "__main__":
    main()
