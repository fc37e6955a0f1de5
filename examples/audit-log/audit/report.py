"""The audit log as a report for people."""

from itertools import groupby

SENSITIVE = ("salary", "bank_account")


def report(entries, sensitive=SENSITIVE):
    """The report as text: by record, each record's changes in order; what is sensitive is marked."""
    lines = [summary(entries)]
    for record, changes in groupby(entries, key=lambda entry: entry["record"]):
        lines += ["", record]
        for entry in changes:
            lines += described(entry, sensitive)
    marked = [entry for entry in entries if names(entry) & set(sensitive)]
    if marked:
        people = ", ".join(sorted({entry["who"] for entry in marked}))
        lines += ["", f"! {counted(len(marked), 'change')} of {' or '.join(sensitive)}, by {people}"]
    return "\n".join(lines) + "\n"


def summary(entries):
    if not entries:
        return "no changes"
    times = sorted(entry["at"] for entry in entries)
    records, people = {entry["record"] for entry in entries}, {entry["who"] for entry in entries}
    numbers = f"{counted(len(entries), 'change')} of {counted(len(records), 'record')} by {counted(len(people), 'caller')}"
    return f"{numbers}, {times[0]} to {times[-1]}"


def described(entry, sensitive):
    head = f"  {entry['at']}  {entry['action']:<8} by {entry['who']}"
    why = f" ({entry['why']})" if entry["why"] else ""
    return [head + why] + [f"    {line(field, sensitive)}" for field in entry["fields"] if field["name"] != "employee"]


def line(field, sensitive):
    mark = "!" if field["name"] in sensitive else " "
    old, new = field["old"], field["new"]
    if old is None:
        value = shown(new)
    elif new is None:
        value = f"{shown(old)} → gone"
    else:
        value = f"{shown(old)} → {shown(new)}"
    return f"{mark} {field['name']}: {value}"


def shown(value):
    return ", ".join(sorted(map(str, value))) if isinstance(value, set) else str(value)


def names(entry):
    return {field["name"] for field in entry["fields"]}


def counted(number, noun):
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
