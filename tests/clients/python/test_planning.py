"""`stator hot-keys` and `stator plan` beside traffic that boto3 makes."""

import json
import os
import subprocess

import pytest

from conftest import CREDENTIALS

BINARY = os.environ.get("STATOR_BIN")


@pytest.fixture
def stator(endpoint, tmp_path):
    if not BINARY:
        pytest.skip("STATOR_BIN names no binary")
    environment = {
        "HOME": str(tmp_path),
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_REGION": CREDENTIALS["region_name"],
        "AWS_ACCESS_KEY_ID": CREDENTIALS["aws_access_key_id"],
        "AWS_SECRET_ACCESS_KEY": CREDENTIALS["aws_secret_access_key"],
    }

    def run(*arguments):
        return subprocess.run([BINARY, *arguments], env=environment, capture_output=True, text=True, timeout=120)

    return run


def ranked(report, ranking):
    [found] = [one for one in report["rankings"] if one["ranking"] == ranking]
    return [(one["key"], one["value"]) for one in found["keys"]]


def test_the_hottest_keys_come_first(stator, client, table):
    refused = stator("hot-keys", table.name)
    assert refused.returncode == 1 and "--enable" in refused.stderr
    enabled = stator("hot-keys", table.name, "--enable")
    assert enabled.returncode == 0 and "none" in enabled.stdout, enabled.stderr

    for key, times in [("cold", 1), ("hot", 5), ("warm", 3)]:
        for _ in range(times):
            table.put_item(Item={"pk": key, "sk": 1, "kind": "x", "weight": 2})
    shown = stator("hot-keys", table.name, "--json")
    assert shown.returncode == 0, shown.stderr
    report = json.loads(shown.stdout)
    assert ranked(report, "partition keys by consumed units") == [(["hot"], 5), (["warm"], 3), (["cold"], 1)]
    assert ranked(report, "items by consumed units")[0] == (["hot", "1"], 5)
    assert "hot / 1" in stator("hot-keys", table.name).stdout


def test_a_plan_of_recorded_traffic(stator, table, tmp_path):
    for number in range(20):
        table.put_item(Item={"pk": "a", "sk": number})
    picture = tmp_path / "plan.svg"
    shown = stator("plan", table.name, "--days", "1", "--json", "--svg", str(picture))
    assert shown.returncode == 0, shown.stderr
    plan = json.loads(shown.stdout)
    assert {row["index"] for row in plan["rows"]} == {None, "by-kind"}
    costs = {choice["way"]: choice["monthly"] for choice in plan["totals"]}
    assert plan["recommended"] == min(["OnDemand", "Provisioned", "AutoScaled"], key=costs.get)
    assert picture.read_text().startswith("<svg")
    assert "<- recommended" in stator("plan", table.name).stdout
    assert stator("plan", "not-there").returncode == 1


def test_a_plan_of_a_file(stator, tmp_path):
    figures = tmp_path / "month.csv"
    minutes = range(1_790_812_800, 1_790_812_800 + 30 * 86_400, 300)
    figures.write_text("time,index,read,write\n" + "".join(f"{minute},,60000,3000\n" for minute in minutes))
    shown = stator("plan", "orders", "--csv", str(figures), "--json")
    assert shown.returncode == 0, shown.stderr
    plan = json.loads(shown.stdout)
    read, write = plan["rows"]
    units = {choice["way"]: choice["units"] for choice in read["choices"]}
    # 200 reads a second, the whole month long.
    assert units["Provisioned"] == [200, 200] and write["summary"]["average"] == pytest.approx(10)
    costs = {choice["way"]: choice["monthly"] for choice in plan["totals"]}
    assert costs["ReservedThreeYears"] < costs["ReservedOneYear"] < costs["Provisioned"] < costs["OnDemand"]

    figures.write_text("time,index,read,write\nyesterday,,1,1\n")
    refused = stator("plan", "orders", "--csv", str(figures))
    assert refused.returncode == 2 and "line 2" in refused.stderr
