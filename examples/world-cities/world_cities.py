"""Loads the cities, asks the questions, pulls the plug, and compares every record. See README.md."""

import argparse
import sys
import tempfile
import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import boto3
import cities
from botocore.config import Config
from tqdm import tqdm

sys.path.append(str(Path(__file__).resolve().parent.parent))
from stator_process import StatorProcess  # noqa: E402  (lies beside the examples)


def connect(endpoint):
    session = boto3.session.Session(aws_access_key_id="local", aws_secret_access_key="local", region_name="eu-west-1")
    return session.resource("dynamodb", endpoint_url=endpoint, config=Config(max_pool_connections=32))


def load(endpoint, expected, threads):
    """Every thread writes its share of the cities with a batch writer of its own."""
    items = list(expected.values())
    with tqdm(total=len(items), desc="load", unit=" cities", mininterval=1) as bar:

        def write(share):
            with connect(endpoint).Table(cities.TABLE).batch_writer() as batch:
                for item in share:
                    batch.put_item(Item=item)
                    bar.update()

        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(write, [items[start::threads] for start in range(threads)]))


def check_every_record(table, expected):
    """The table holds exactly the expected items: a scan sees each once and equal, a get finds each again."""
    seen = set()
    for item in tqdm(cities.scan(table), total=len(expected), desc="compare", unit=" cities", mininterval=1):
        number = int(item["geonameid"])
        assert number not in seen, f"city {number} was scanned twice"
        assert item == expected[number], f"city {number} differs: {item} instead of {expected[number]}"
        seen.add(number)
    assert seen == expected.keys(), f"{len(expected.keys() - seen)} cities are missing"
    for number in list(expected)[::997]:
        assert table.get_item(Key={"geonameid": number}, ConsistentRead=True)["Item"] == expected[number]


def check_questions(table, expected):
    """Every index gives, for every one of its partitions or a sample of them, what the source says."""
    by_country, by_timezone = defaultdict(list), defaultdict(list)
    for city in expected.values():
        by_country[city["countrycode"]].append(city)
        by_timezone[city["timezone"]].append(city)
    for country, members in tqdm(by_country.items(), desc="by-country", unit=" countries", mininterval=1):
        populations = sorted((city["population"] for city in members), reverse=True)[:10]
        assert [city["population"] for city in cities.largest(table, country, 10)] == populations, country
    for country, members in tqdm(by_country.items(), desc="by-name", unit=" countries", mininterval=1):
        prefix = members[len(members) // 2]["name"][:2]
        names = [city["name"] for city in members if city["name"].startswith(prefix)]
        found = [city["name"] for city in cities.named(table, country, prefix)]
        assert found == sorted(names, key=str.encode), f"{country} {prefix}"
    for timezone, members in tqdm(list(by_timezone.items())[::5], desc="by-timezone", unit=" zones", mininterval=1):
        wanted = sorted(city["geonameid"] for city in members if 10_000 <= city["population"] <= 50_000)
        found = list(cities.in_timezone(table, timezone, 10_000, 50_000))
        assert sorted(city["geonameid"] for city in found) == wanted, timezone
        assert [city["population"] for city in found] == sorted(city["population"] for city in found), timezone
    with ThreadPoolExecutor(4) as pool:
        counts = list(pool.map(lambda segment: cities.count(table, segment, 4), range(4)))
    assert sum(counts) == len(expected), counts


def load_and_query(endpoint, expected, threads):
    table = cities.create(connect(endpoint))
    started = time.monotonic()
    load(endpoint, expected, threads)
    print(f"loaded {len(expected)} cities, {len(expected) / (time.monotonic() - started):.0f} per second")
    check_questions(table, expected)
    print("every index agrees with the source")


def survive_kill(binary, expected, threads, data_dir):
    """The whole story, from an empty folder. Acknowledged means on disk, so nothing may be missing."""
    server = StatorProcess(data_dir, binary).start()
    try:
        load_and_query(server.url, expected, threads)
        server.kill()
        started = time.monotonic()
        server.start()
        print(f"killed with -9, ready again after {1000 * (time.monotonic() - started):.0f} ms")
        table = connect(server.url).Table(cities.TABLE)
        check_every_record(table, expected)
        check_questions(table, expected)
        print(f"all {len(expected)} records are there and equal")
    finally:
        if server.process.poll() is None:
            server.stop()


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stator", help="server binary to start, kill and restart")
    parser.add_argument("--endpoint", help="a running server instead: load and query only")
    parser.add_argument("--limit", type=int, help="take only so many cities")
    parser.add_argument("--threads", type=int, default=4)
    return parser.parse_args()


def main():
    chosen = arguments()
    expected = cities.source(chosen.limit)
    if chosen.endpoint:
        load_and_query(chosen.endpoint, expected, chosen.threads)
        check_every_record(connect(chosen.endpoint).Table(cities.TABLE), expected)
        return
    with tempfile.TemporaryDirectory(prefix="stator-cities-") as data_dir:
        survive_kill(chosen.stator, expected, chosen.threads, data_dir)


if __name__ == "__main__":
    main()
