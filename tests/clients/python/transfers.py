"""What the tests of exports, imports and bulk operations share."""

import time


def ended(describe, **arn):
    """What an export, an import or a bulk operation is in the end."""
    for _ in range(1200):
        described = of(describe(**arn))
        status = next(value for name, value in described.items() if name.endswith("Status"))
        if status not in ("IN_PROGRESS", "CANCELLING"):
            return described
        time.sleep(0.05)
    raise AssertionError("it never ends")


def of(answer):
    """The description in an answer."""
    return next(value for name, value in answer.items() if name.endswith("Description"))


def scan(client, name):
    """All items of a table."""
    pages = client.get_paginator("scan").paginate(TableName=name, ConsistentRead=True)
    return [item for page in pages for item in page["Items"]]
