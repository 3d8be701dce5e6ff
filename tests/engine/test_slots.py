import threading

from dlcore.engine.slots import Slots, spare_cores
from tests.engine.conftest import until


def queued(slots, owners):
    """Have each wait in turn; the order in which they were served, and the threads."""
    served, threads = [], []

    def wait(owner):
        if slots.take(owner, lambda: True):
            served.append(owner)

    for number, owner in enumerate(owners, 1):
        threads.append(threading.Thread(target=wait, args=(owner,)))
        threads[-1].start()
        until(lambda number=number: len(slots._waiting) == number)
    return served, threads


def test_no_more_are_at_work_than_there_are_places():
    slots = Slots(2)
    assert slots.take("a", lambda: True)
    assert slots.take("b", lambda: True)
    assert not slots.take("c", iter([True, True, False]).__next__)
    slots.give("a")
    assert slots.take("c", lambda: True)


def test_two_owners_take_turns_however_long_the_queue_of_one():
    slots = Slots(1)
    assert slots.take("long", lambda: True)
    served, threads = queued(slots, ["long", "long", "long", "short", "short"])
    for n in range(1, 6):
        slots.give(["long", *served][-1])
        until(lambda n=n: len(served) == n)
    assert served == ["short", "long", "short", "long", "long"]
    for thread in threads:
        thread.join()


def test_one_core_at_least_is_used_and_one_left():
    assert spare_cores() >= 1
