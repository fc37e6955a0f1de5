"""A day of a table that scales by itself, in a minute or two.

    python autoscaling_day.py            # starts a server of its own and draws day.svg

The server's clock is set forward a minute at a time. In each minute the table is read as much as DEMAND says; what is
above its capacity is throttled, alarms sound, and Application Auto Scaling changes the capacity. Nothing here scales.
"""

import json
import sys
import tempfile
import time
import urllib.request
from datetime import datetime, timezone
from pathlib import Path

import boto3
from botocore.config import Config

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

import drawing  # noqa: E402
from stator_process import StatorProcess  # noqa: E402

TABLE = "visits"
LEAST, MOST, TARGET = 5, 60, 70
# Read units a second at hours of the day, and between them on straight lines.
DEMAND = [(0, 2), (7.99, 2), (8, 45), (9, 40), (10.5, 14), (12, 14), (12.5, 28), (14, 22), (17, 12), (20, 20), (22, 6), (24, 2)]
KEYS = {"region_name": "eu-west-1", "aws_access_key_id": "local", "aws_secret_access_key": "local"}
# Items of 4 KB: each costs a unit, and a query of a hundred a hundred.
ITEMS = 100
DIMENSIONS = [{"Name": "TableName", "Value": TABLE}]


def demand(hour):
    for (from_hour, low), (to_hour, high) in zip(DEMAND, DEMAND[1:]):
        if from_hour <= hour < to_hour:
            return low + (high - low) * (hour - from_hour) / (to_hour - from_hour)
    return DEMAND[-1][1]


class Day:
    """A server, its table, and the time by its clock."""

    def __init__(self, url):
        self.url = url
        config = Config(retries={"total_max_attempts": 1})
        client = lambda service: boto3.client(service, endpoint_url=url, config=config, **KEYS)
        self.dynamodb, self.cloudwatch = client("dynamodb"), client("cloudwatch")
        self.scaling = client("application-autoscaling")
        self.now = 0
        self.owed = 0
        self.advance(0)

    def advance(self, seconds):
        request = urllib.request.Request(f"{self.url}/_aws/clock?advance={seconds}", method="PUT")
        with urllib.request.urlopen(request) as answer:
            self.now = json.load(answer)["Now"]

    def set_up(self):
        """The table, and everything that makes it scale."""
        self.dynamodb.create_table(
            TableName=TABLE,
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
            AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}, {"AttributeName": "sk", "AttributeType": "N"}],
            ProvisionedThroughput={"ReadCapacityUnits": LEAST, "WriteCapacityUnits": 500},
        )
        self.advance(60)
        for number in range(ITEMS):
            item = {"pk": {"S": "page"}, "sk": {"N": str(number)}, "text": {"S": "x" * 4_070}}
            self.dynamodb.put_item(TableName=TABLE, Item=item)
        target = {
            "ServiceNamespace": "dynamodb",
            "ResourceId": f"table/{TABLE}",
            "ScalableDimension": "dynamodb:table:ReadCapacityUnits",
        }
        self.scaling.register_scalable_target(**target, MinCapacity=LEAST, MaxCapacity=MOST)
        self.scaling.put_scaling_policy(
            **target,
            PolicyName="reads",
            PolicyType="TargetTrackingScaling",
            TargetTrackingScalingPolicyConfiguration={
                "TargetValue": TARGET,
                "PredefinedMetricSpecification": {"PredefinedMetricType": "DynamoDBReadCapacityUtilization"},
            },
        )

    def start_at(self, hour):
        """Sets the clock to an hour of the next day; returns the midnight before."""
        midnight = (self.now // 86_400 + 1) * 86_400
        self.advance(int(midnight + hour * 3_600 - self.now))
        return midnight

    def minute(self, units_a_second):
        """Reads as many units as a minute of this demand has, gives up what is throttled, and ends the minute."""
        self.owed += units_a_second * 60
        while self.owed >= 1:
            units = int(min(self.owed, ITEMS))
            self.owed -= units
            try:
                self.dynamodb.query(
                    TableName=TABLE,
                    KeyConditionExpression="pk = :page",
                    ExpressionAttributeValues={":page": {"S": "page"}},
                    ConsistentRead=True,
                    Select="COUNT",
                    Limit=units,
                )
            except self.dynamodb.exceptions.ProvisionedThroughputExceededException:
                pass
        self.advance(60 - self.now % 60)
        self.await_alarms()

    def await_alarms(self):
        """The capacity of a minute is noted once its alarms are evaluated and the policies that they tell have decided."""
        deadline = time.monotonic() + 60
        minute = self.now // 60 * 60
        while time.monotonic() < deadline:
            if self.points("ProvisionedReadCapacityUnits", "Average", minute, minute + 60):
                return
            time.sleep(0.002)
        raise TimeoutError("the server does not evaluate its alarms")

    def points(self, metric, statistic, start, end):
        query = {
            "Id": "m",
            "MetricStat": {
                "Metric": {"Namespace": "AWS/DynamoDB", "MetricName": metric, "Dimensions": DIMENSIONS},
                "Period": 60,
                "Stat": statistic,
            },
        }
        answer = self.cloudwatch.get_metric_data(MetricDataQueries=[query], StartTime=start, EndTime=end)
        [result] = answer["MetricDataResults"]
        return {int(at.timestamp()): value for at, value in zip(result["Timestamps"], result["Values"])}

    def alarms(self):
        """Times at which an alarm of the policy entered ALARM, by High and Low."""
        pages = self.cloudwatch.get_paginator("describe_alarm_history").paginate(HistoryItemType="StateUpdate")
        entered = {"AlarmHigh": [], "AlarmLow": []}
        for item in (item for page in pages for item in page["AlarmHistoryItems"]):
            for name, times in entered.items():
                if name in item["AlarmName"] and item["HistorySummary"].endswith("to ALARM"):
                    times.append(int(item["Timestamp"].timestamp()))
        return {name: sorted(times) for name, times in entered.items()}

    def activities(self):
        """Times and capacities that were set, oldest first."""
        pages = self.scaling.get_paginator("describe_scaling_activities").paginate(ServiceNamespace="dynamodb")
        found = (activity for page in pages for activity in page["ScalingActivities"])
        done = [activity for activity in found if activity["StatusCode"] == "Successful"]
        number = lambda text: int("".join(filter(str.isdigit, text)))
        return sorted((int(activity["StartTime"].timestamp()), number(activity["Description"])) for activity in done)


def run(url, from_hour=0, to_hour=24, tell=lambda _: None):
    """Lets hours of a day pass; returns what there was to see, by the minute of that day."""
    day = Day(url)
    day.set_up()
    midnight = day.start_at(from_hour)
    hours = [minute / 60 for minute in range(int(from_hour * 60), int(to_hour * 60))]
    for hour in hours:
        day.minute(demand(hour))
        if hour.is_integer():
            tell(f"{int(hour):02}:00")
    start, end = midnight + int(from_hour * 3_600), midnight + int(to_hour * 3_600)
    by_minute = lambda points: {(at - midnight) // 60: value for at, value in points.items()}
    return {
        "date": datetime.fromtimestamp(midnight, timezone.utc).date().isoformat(),
        "demand": {int(hour * 60 + 0.5): demand(hour) for hour in hours},
        "used": {at: units / 60 for at, units in by_minute(day.points("ConsumedReadCapacityUnits", "Sum", start, end)).items()},
        "capacity": by_minute(day.points("ProvisionedReadCapacityUnits", "Average", start, end)),
        "throttled": by_minute(day.points("ReadThrottleEvents", "Sum", start, end)),
        "alarms": {name: [(at - midnight) // 60 for at in times] for name, times in day.alarms().items()},
        "scaled": [((at - midnight) // 60, units) for at, units in day.activities()],
    }


def main():
    with tempfile.TemporaryDirectory() as folder:
        with StatorProcess(Path(folder) / "data", arguments=["--adjustable-clock", "--capacity", "enforce"]) as server:
            seen = run(server.url, tell=print)
    (HERE / "day.svg").write_text(drawing.svg(seen))
    for minute, units in seen["scaled"]:
        print(f"{minute // 60:02}:{minute % 60:02}  {units} read units a second")
    print(f"{sum(seen['throttled'].values()):.0f} requests were throttled")


if __name__ == "__main__":
    main()
