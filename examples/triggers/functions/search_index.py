"""Keeps a search index in step with the table: every change becomes a document that is put or deleted.

If the engine does not answer, the function names the first record that it could not hand over, and is called again from
there (ReportBatchItemFailures). Putting a document twice does no harm.
"""

import json
import os
import urllib.error
import urllib.request
from urllib.parse import quote

ENGINE = os.environ["SEARCH_URL"]


def lambda_handler(event, context):
    for record in event["Records"]:
        try:
            synchronise(record["dynamodb"], record["eventName"])
        except (urllib.error.URLError, OSError) as error:
            print("the search engine does not answer:", error)
            return {"batchItemFailures": [{"itemIdentifier": record["dynamodb"]["SequenceNumber"]}]}
    return {"batchItemFailures": []}


def synchronise(change, event_name):
    document = f"{ENGINE}/documents/{quote(change['Keys']['pk']['S'], safe='')}"
    if event_name == "REMOVE":
        request = urllib.request.Request(document, method="DELETE")
    else:
        text = " ".join(value["S"] for value in change["NewImage"].values() if "S" in value)
        request = urllib.request.Request(document, data=json.dumps({"text": text}).encode(), method="PUT")
    with urllib.request.urlopen(request, timeout=2) as answer:
        answer.read()
