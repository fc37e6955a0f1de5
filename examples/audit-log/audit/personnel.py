"""The application that is audited: records of employees.

A stream says what was changed and when, never who did it. So every write says it in the item itself: `changed_by` and
`why` are attributes like others, and the images of the stream carry them. A deletion has no new image to say it in;
it is announced in the record first, and deletes only what still carries the announcement.
"""

SIGNATURE = ("changed_by", "why")


class Personnel:
    """The table, with a stream of both images."""

    def __init__(self, dynamodb, name="Personnel"):
        self.name = name
        self.dynamodb = dynamodb
        self.table = dynamodb.Table(name)

    def create_table(self):
        self.dynamodb.create_table(
            TableName=self.name,
            KeySchema=[{"AttributeName": "employee", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "employee", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
        )
        self.table.wait_until_exists()
        return self

    def hire(self, employee, by, why="hired", **fields):
        item = {"employee": employee, "changed_by": by, "why": why, **fields}
        self.table.put_item(Item=item, ConditionExpression="attribute_not_exists(employee)")

    def change(self, employee, by, why, **fields):
        values = {"changed_by": by, "why": why, **fields}
        names = {f"#{place}": name for place, name in enumerate(values)}
        self.table.update_item(
            Key={"employee": employee},
            UpdateExpression="SET " + ", ".join(f"{alias} = {alias.replace('#', ':')}" for alias in names),
            ConditionExpression="attribute_exists(employee)",
            ExpressionAttributeNames=names,
            ExpressionAttributeValues={f":{place}": value for place, value in enumerate(values.values())},
        )

    def erase(self, employee, by, why):
        self.change(employee, by, why)
        self.table.delete_item(
            Key={"employee": employee},
            ConditionExpression="changed_by = :by AND why = :why",
            ExpressionAttributeValues={":by": by, ":why": why},
        )
