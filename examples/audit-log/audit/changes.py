"""What a record of the stream means: an entry of the audit log."""

from datetime import timezone

from boto3.dynamodb.types import TypeDeserializer

from .personnel import SIGNATURE

ACTIONS = {"INSERT": "created", "MODIFY": "changed", "REMOVE": "deleted"}
DESERIALIZER = TypeDeserializer()


def entry(record):
    """The entry for a record; None for one that changed nothing but the signature."""
    change = record["dynamodb"]
    old, new = plain(change.get("OldImage", {})), plain(change.get("NewImage", {}))
    fields = differences(old, new)
    if record["eventName"] == "MODIFY" and not fields:
        return None
    at = change["ApproximateCreationDateTime"].astimezone(timezone.utc)
    return {
        "record": "#".join(str(value) for value in plain(change["Keys"]).values()),
        # Sequence numbers are compared as numbers: of one length they sort as texts do.
        "position": change["SequenceNumber"].rjust(40, "0"),
        "at": at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "who": who(record, new or old),
        "why": (new or old).get("why", ""),
        "action": ACTIONS[record["eventName"]],
        "fields": fields,
    }


def who(record, image):
    """The service itself, which deletes what has expired; else whoever signed the record."""
    principal = record.get("userIdentity", {}).get("PrincipalId")
    return principal or image.get("changed_by", "unknown")


def differences(old, new):
    """Attributes that differ, each with what it was and what it is."""
    names = sorted((old.keys() | new.keys()) - set(SIGNATURE))
    pairs = ((name, old.get(name), new.get(name)) for name in names)
    return [{"name": name, "old": before, "new": after} for name, before, after in pairs if before != after]


def plain(image):
    return {name: DESERIALIZER.deserialize(value) for name, value in image.items()}
