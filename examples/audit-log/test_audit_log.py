"""The example as a test: nothing missing, nothing twice, whatever is killed; and a report that can be read."""

import random
import re

import pytest
from audit import Collector, Personnel, Trail, report
from audit.changes import differences
from audit.shards import latest_stream, parents_first
from audit_log import services
from stator_process import StatorProcess


@pytest.fixture
def server(tmp_path):
    with StatorProcess(tmp_path / "data") as server:
        yield server


def parts(server):
    dynamodb, streams = services(server.url)
    return Personnel(dynamodb), Trail(dynamodb), streams


def collector(personnel, trail, streams):
    return Collector(streams, latest_stream(personnel.dynamodb, personnel.name), trail)


def history(personnel, by="hr.kim"):
    personnel.hire("ada", by=by, name="Ada Lovelace", salary=5000, languages={"en", "fr"})
    personnel.change("ada", by="payroll", why="yearly raise", salary=5300)
    personnel.change("ada", by="payroll", why="nothing new", salary=5300)
    personnel.erase("ada", by="hr.lee", why="retired")


def test_the_report_says_who_changed_what_when_and_why(server):
    personnel, trail, streams = parts(server)
    personnel.create_table(), trail.create_table()
    history(personnel)
    assert collector(personnel, trail, streams).sweep() == 3
    text = re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "TIME", report(trail.everything()))
    assert text == """\
3 changes of 1 record by 3 callers, TIME to TIME

ada
  TIME  created  by hr.kim (hired)
      languages: en, fr
      name: Ada Lovelace
    ! salary: 5000
  TIME  changed  by payroll (yearly raise)
    ! salary: 5000 → 5300
  TIME  deleted  by hr.lee (retired)
      languages: en, fr → gone
      name: Ada Lovelace → gone
    ! salary: 5300 → gone

! 3 changes of salary or bank_account, by hr.kim, hr.lee, payroll
"""
    assert [entry["action"] for entry in trail.of_person("payroll")] == ["changed"]
    assert len(trail.of_record("ada")) == 3
    assert trail.of_person("payroll", since="2999-01-01") == []


def test_nothing_is_missing_or_twice_when_everything_is_killed(server):
    personnel, trail, streams = parts(server)
    personnel.create_table(), trail.create_table()
    chance = random.Random(7)
    for crash in range(4):
        for change in range(25):
            employee = f"employee-{chance.randrange(8)}"
            fields = {"salary": 1000 * crash + change, "floor": chance.randrange(3)}
            personnel.table.put_item(Item={"employee": employee, "changed_by": "test", "why": "", **fields})
            if chance.random() < 0.1:
                personnel.table.delete_item(Key={"employee": employee})
        collecting = collector(personnel, trail, streams)
        if crash % 2:  # a collector that dies between an entry and its checkpoint
            trail.set_checkpoint = lambda *_: None
        collecting.sweep()
        server.kill()
        server.start()
        personnel, trail, streams = parts(server)
    collector(personnel, trail, streams).sweep()
    assert collector(personnel, trail, streams).sweep() == 0
    assert replayed(trail) == {item.pop("employee"): unsigned(item) for item in personnel.table.scan()["Items"]}


def replayed(trail):
    """The records as the log says they are now: each change must fit what was before."""
    records = {}
    for entry in trail.everything():
        record = records.setdefault(entry["record"], {})
        for field in entry["fields"]:
            assert record.get(field["name"]) == field["old"], entry
            record[field["name"]] = field["new"]
    records = {id: {n: v for n, v in record.items() if v is not None and n != "employee"} for id, record in records.items()}
    return {id: record for id, record in records.items() if record}


def unsigned(item):
    return {name: value for name, value in item.items() if name not in ("changed_by", "why")}


def test_parents_come_first():
    family = {"c": {"ParentShardId": "a"}, "a": {"ParentShardId": "trimmed"}, "b": {"ParentShardId": "c"}, "d": {}}
    assert parents_first(family) == ["a", "d", "c", "b"]


def test_the_signature_is_no_change():
    assert differences({"a": 1, "why": "x"}, {"a": 1, "why": "y", "changed_by": "z"}) == []
