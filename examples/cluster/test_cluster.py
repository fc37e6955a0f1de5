"""The example as a test, in the short form of its faults, and that what is wrong with a history is found."""

import os

import pytest
from changes import check as check_stream
from faults import SHORT, run
from lists import Event, check_list
from network import Loopback
from nodes import missing
from transfers import ACCOUNTS, BALANCE
from transfers import check as check_transfers


@pytest.mark.skipif(
    bool(missing()) and os.environ.get("CI") != "true", reason="patroni, etcd-server or postgresql is missing"
)
def test_nothing_is_lost_with_the_primary_and_then_all_nodes():
    assert run(Loopback(), SHORT) >= 300


def appended(began, ended, *seen):
    return Event(began, ended, seen[-1], seen, True)


def read(began, ended, *seen):
    return Event(began, ended, None, seen, True)


def test_a_history_of_one_list():
    unknown, refused = Event(0, value="u"), Event(0, value="r", happened=False)
    events = [
        appended(1, 3, "a"),
        appended(2, 4, "a", "u", "b"),
        read(3.5, 5, "a", "u"),
        read(5, 6, "a", "u", "b"),
        unknown,
        refused,
    ]
    check_list("list", ("a", "u", "b"), events)
    check_list("list", (), [unknown, refused])


@pytest.mark.parametrize(
    "final, events, why",
    [
        ((), [appended(1, 2, "a")], "has lost a"),
        (("a", "a"), [appended(1, 2, "a")], "twice"),
        (("a",), [], "nobody appended"),
        (("r",), [Event(0, value="r", happened=False)], "was refused"),
        (("a", "b"), [appended(1, 2, "a"), appended(3, 4, "a", "b"), read(5, 6, "a")], "did not see"),
        (("a", "b"), [appended(1, 4, "a"), Event(1, value="b"), read(1, 2, "a", "b"), read(3, 4, "a")], "did not see"),
        (("b", "a"), [Event(1, 2, "a", None, True), Event(3, 4, "b", None, True)], "did not see"),
        (("a", "b"), [appended(1, 4, "a"), appended(1, 4, "b")], "as it never was"),
        (("a",), [Event(1, value="a"), Event(1, value="x"), read(1, 2, "x")], "as it never was"),
    ],
)
def test_what_is_no_history_of_one_list(final, events, why):
    with pytest.raises(AssertionError, match=why):
        check_list("list", final, events)


class Done:
    def __init__(self, *done):
        self.done = done


def bank(first=BALANCE, *entries):
    accounts = [{"id": {"S": account}, "balance": {"N": str(BALANCE)}} for account in ACCOUNTS]
    accounts[0]["balance"] = {"N": str(first)}
    return [*accounts, *entries]


ENTRY = {"id": {"S": "t"}, "from": {"S": ACCOUNTS[0]}, "to": {"S": ACCOUNTS[0]}, "amount": {"N": "5"}}


def test_transfers_that_are_not_what_was_acknowledged():
    check_transfers([Done("t")], bank(BALANCE, ENTRY))
    for done, items in ([Done("t")], bank()), ([Done()], bank(BALANCE, ENTRY)), ([Done()], bank(BALANCE + 1)):
        with pytest.raises(AssertionError):
            check_transfers(done, items)


def record(number, before, after):
    images = {"OldImage": before, "NewImage": after}
    key = {"id": {"S": "k"}}
    return {"dynamodb": {"Keys": key, "SequenceNumber": number, **{name: it for name, it in images.items() if it}}}


def test_a_stream_that_lacks_a_record_or_has_one_twice_or_out_of_order():
    one, two, three = ({"id": {"S": "k"}, "n": {"N": number}} for number in "123")
    first, second, third = record("1", None, one), record("2", one, two), record("3", two, three)
    assert check_stream([first, second, third], [three], ("id",)) == 3
    in_wrong_order = [second, first, third], [first, third, second]
    for records in [first, third], [first, second], [first, second, second, third], *in_wrong_order:
        with pytest.raises(AssertionError):
            check_stream(records, [three], ("id",))
