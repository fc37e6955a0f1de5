"""A morning: calm, a rush that is throttled, alarm, more capacity, calm again, less capacity."""

from xml.etree import ElementTree

import drawing
from autoscaling_day import LEAST, run
from stator_process import StatorProcess


def test_a_rush_makes_the_table_grow_and_calm_makes_it_shrink(tmp_path):
    with StatorProcess(tmp_path / "data", arguments=["--adjustable-clock", "--capacity", "enforce"]) as server:
        seen = run(server.url, from_hour=7.5, to_hour=11.5)
    rush = 8 * 60
    throttled = [minute for minute, events in seen["throttled"].items() if events]
    grown = [(minute, units) for minute, units in seen["scaled"] if units > LEAST]
    shrunk = [(minute, units) for (_, before), (minute, units) in zip(grown, grown[1:]) if units < before]
    sounded = [minute for minute in seen["alarms"]["AlarmHigh"] if minute >= rush]
    assert throttled and rush <= min(throttled) < rush + 10
    assert min(throttled) <= sounded[0] <= grown[0][0] <= rush + 10, (throttled, sounded, grown)
    assert max(units for _, units in grown) >= 40 and max(throttled) < rush + 30
    assert shrunk and min(shrunk)[0] > max(grown, key=lambda change: change[1])[0], seen["scaled"]
    assert any(rush < minute for minute in seen["alarms"]["AlarmLow"])
    assert max(seen["used"].values()) > 30 and seen["capacity"][7 * 60 + 45] == LEAST
    assert ElementTree.fromstring(drawing.svg(seen)).tag.endswith("svg")
