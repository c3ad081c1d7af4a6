"""The queue of a procid and what it owes, each against a plain list."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tooltalk.core.debts import Debts
from tooltalk.core.queue import Queue
from tooltalk.core.tracked import Tracked
from tooltalk.model.message import Message
from tooltalk.model.procid import ProcId

QUEUES = 3
MESSAGES = 5
SENDERS = 2

steps = st.lists(
    st.tuples(
        st.sampled_from(["put", "put", "take", "remove", "empty"]),
        st.integers(0, QUEUES - 1),
        st.integers(0, MESSAGES - 1),
    ),
    max_size=60,
)


def message(number: int, sender: int = 0) -> Tracked:
    made = Message(number)
    made.sender = ProcId(b"%d" % sender)
    return Tracked(made, 1)


@given(steps)
def test_queues_keep_the_order(steps: list[tuple[str, int, int]]) -> None:
    """Spec 03 section 8.1: oldest first; a message may wait in several queues, in each of them once."""
    messages = [message(number) for number in range(MESSAGES)]
    queues = [Queue() for _ in range(QUEUES)]
    models: list[list[Tracked]] = [[] for _ in range(QUEUES)]
    for step, which, number in steps:
        queue, model, tracked = queues[which], models[which], messages[number]
        if step == "put":
            assert queue.put(tracked) == (tracked not in model)
            model[:] = [other for other in model if other is not tracked] + [tracked]
        elif step == "take":
            assert queue.take() is (model.pop(0) if model else None)
        elif step == "empty":
            assert queue.empty() == model
            model.clear()
        elif tracked in model:
            queue.remove(tracked)
            model.remove(tracked)
        assert [queue.count for queue in queues] == [len(model) for model in models]
        for queue, model in zip(queues, models, strict=True):
            assert [queue.holds(tracked) for tracked in messages] == [
                tracked in model for tracked in messages
            ]


def test_a_long_queue_in_order() -> None:
    """Whatever was taken before, and however often some of them moved to the end."""
    queue = Queue()
    for tracked in (messages := [message(number) for number in range(500)]):
        queue.put(tracked)
    taken = [queue.take() for _ in range(250)]
    for tracked in messages[250:300]:
        queue.put(tracked)
    taken += queue.empty()
    assert taken == [*messages[:250], *messages[300:], *messages[250:300]]


def test_a_queue_does_not_grow_by_moving() -> None:
    """One message that comes again and again, and one that is always there, take the place of two."""
    queue = Queue()
    queue.put(first := message(0))
    queue.put(second := message(1))
    for _ in range(10_000):
        queue.put(first)
        queue.put(second)
    assert len(queue._places) < 200
    assert queue.empty() == [first, second]


def test_a_queue_does_not_grow_by_use() -> None:
    """Fetched messages leave nothing behind, in a queue that is never empty either."""
    queue = Queue()
    queue.put(message(0))
    for number in range(10_000):
        queue.put(message(number))
        queue.take()
    assert len(queue._places) < 200


@given(
    st.lists(
        st.tuples(st.booleans(), st.integers(0, 2), st.integers(0, SENDERS - 1)),
        max_size=40,
    )
)
def test_debts(steps: list[tuple[bool, int, int]]) -> None:
    """Spec 03 section 1.1: found by number and sender, the newest first; an offer may be owed twice."""
    debts = Debts()
    model: list[Tracked] = []  # newest first
    for fetched, number, sender in steps:
        name = b"%d" % sender
        found = next((t for t in model if t.message.id == number and t.message.sender == ProcId(name)), None)
        assert debts.find(number, name) is found
        if fetched:
            # Every other time what is owed already, as if it had been queued for the same procid again.
            tracked = found if found is not None and len(model) % 2 else message(number, sender)
            debts.add(tracked)
            model.insert(0, tracked)
        elif found is not None:
            debts.settle(found)
            model.remove(found)
        assert debts.count == len(model)
    assert debts.empty() == model
    assert debts.count == 0


def test_any_of_several_debts_may_be_settled() -> None:
    """The oldest of one number, the newest, and one between."""
    for answered in range(3):
        debts = Debts()
        owed = [message(7, sender) for sender in range(3)]
        for tracked in owed:
            debts.add(tracked)
        debts.settle(owed[answered])
        assert debts.empty() == [tracked for tracked in reversed(owed) if tracked is not owed[answered]]
