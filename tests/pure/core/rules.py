"""The rules of spec 03 on delivery, states, starts and votes: plain lists and linear scans.

``World`` is a session as the specification describes it, with the deviations we decided on. It is
driven beside the core and must say the same: who is signalled, what each client fetches, what is
started.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from tests.pure.core.rules_of_matching import (
    FINAL,
    VOTES,
    Client,
    Fold,
    Msg,
    Pat,
    Sig,
    pattern_score,
    signature_score,
)


@dataclass(eq=False)
class Launch:
    """Section 10.2: what is held for a ptype, and the process being started for it."""

    held: list[Msg] = field(default_factory=list)
    launching: bool = False
    pid: int = 0
    tool: str = ""


class World:
    """A session. said: signals, launches and drops, in order."""

    def __init__(self, signatures: list[Sig], start: dict[str, bool], address: str) -> None:
        self.clients: list[Client] = []
        self.patterns: list[Pat] = []  # newest first
        self.now = 3
        self.static_ids = 2
        self.address = address
        self.start = start
        self.signatures: list[Sig] = []  # first evaluated first (section 1.4)
        self.declared: dict[str, list[Sig]] = {ptid: [] for ptid in start}
        for signature in signatures:
            self.declared[signature.ptid].append(signature)
        for ptid in (*sorted(start), ""):  # the otype comes last
            own = [s for s in signatures if (s.ptid if not s.otid else "") == ptid]
            for observe in (False, True):
                for signature in own:
                    if (signature.category == "OBSERVE") == observe:
                        self.signatures.insert(0, signature)
        self.queue: list[Msg] = []
        self.launches: dict[str, Launch] = {ptid: Launch() for ptid in start}
        self.pids = 1000
        self.said: list[str] = []

    def find(self, name: str) -> Client | None:
        return next((client for client in self.clients if client.name == name), None)

    # Queues (section 8.1)

    def enqueue(self, client: Client, message: Msg) -> bool:
        if not client.active:
            return False
        old = message in client.undelivered
        if message.tt_class == "OFFER" and message.state not in FINAL:
            if client.version < 4:
                self.vote(message.root(), client.name, "ABSTAINED")
                return True
            message.root().waiting += not old
        if old:
            client.undelivered.remove(message)
        client.undelivered.append(message)
        if not client.signalled:
            client.signalled = True
            self.said.append(f"s -> {client.name}")
        return True

    def processes(self, client: Client, message: Msg) -> bool:
        """Whether the client owes an answer once it has fetched it."""
        if message.tt_class == "NOTICE" or message.state in FINAL:
            return False
        return message.handler == client.name or (message.tt_class == "OFFER" and not message.handler)

    def fetch(self, client: Client) -> tuple[str, Msg] | None:
        """The oldest message and the form it comes in."""
        if not client.undelivered:
            client.signalled = False
            return None
        message = client.undelivered.pop(0)
        if not client.undelivered:
            client.signalled = False
        if self.processes(client, message):
            client.delivered.insert(0, message)
            return "to answer", message
        own = message.tt_class != "NOTICE" and message.sender == client.name
        return "update" if own else "copy", message

    # Sending (sections 2.3 and 3)

    def send(self, message: Msg) -> None:
        message.state = "SENT"
        if message.address == "HANDLER":
            self.to_handler(message)
        else:
            status = self.by_type(message)
            if status:
                message.status = status
                self.change(message, "", "FAILED")
        if message.state == "SENT":
            self.deliver(message)

    def by_type(self, message: Msg) -> int:
        if message.address in ("OBJECT", "OTYPE") and message.otype != "O":  # the one there is
            return 1038
        if message.handler_ptype and message.handler_ptype not in self.start:
            return 1045
        fold = Fold()
        for signature in self.signatures:
            if signature.op != message.op:
                continue
            score, reason = signature_score(signature, message)
            if signature.category == "OBSERVE":
                if reason == "scope" and message.scope == "BOTH" and signature.scope in ("SESSION", "FILE"):
                    score, reason = signature_score(replace(signature, scope="BOTH"), message)
                if score > 0:
                    message.promises.insert(0, signature)
            elif not fold.skips(signature.category) and score > 0:
                fold.offer(signature, signature.category, score)
        if fold.best is not None:
            message.opnum = fold.best.opnum
            message.handler_ptype = fold.best.ptid
            message.disposition = fold.best.disposition
            if fold.best.otid:
                message.scope = fold.best.scope
        return 1047 if message.scope == "NONE" and message.tt_class != "NOTICE" else 0

    def to_handler(self, message: Msg) -> None:
        client = self.find(message.handler)
        if client is None or not client.active:
            return
        fold = Fold()
        for pattern in self.patterns:
            if pattern.client is not client or (pattern.category == "OBSERVE" and pattern.origin):
                continue
            if not fold.skips(pattern.category):
                score = pattern_score(pattern, message, addressed=True)
                if score > 0:
                    fold.offer(pattern, pattern.category, score, pattern.timestamp)
        if fold.best is not None:
            message.pattern = fold.best.id
        self.hand_to(client, message)

    # Delivery (sections 6 and 7)

    def deliver(self, message: Msg) -> None:
        for signature in message.promises:
            copy = message.snapshot(
                promised=signature.ptid,
                scope=signature.scope,
                disposition=signature.disposition,
                opnum=signature.opnum,
                progress=message.state,
            )
            if not self.deliver_promise(copy):
                self.nobody(copy)
        if message.state != "SENT":
            self.one_pass(message, observers=True)
            return
        if not message.given:
            self.look_for_handler(message, observers=True)
        self.count(message)

    def look_for_handler(self, message: Msg, observers: bool) -> None:
        if self.give_to_handler(message, observers):
            return
        if (
            message.tt_class == "REQUEST"
            or message.address == "HANDLER"
            or (message.disposition and not (message.tt_class == "OFFER" and message.waiting))
        ):
            self.nobody(message)

    def give_to_handler(self, message: Msg, observers: bool) -> bool:
        best = self.one_pass(message, observers)
        if best is None:
            return False
        self.now += 1
        if best.category == "HANDLE_ROTATE":
            best.timestamp = self.now
        message.pattern = best.id
        self.hand_to(best.client, message)
        return True

    def hand_to(self, client: Client, message: Msg) -> None:
        message.handler, message.given = client.name, True
        self.forget(message)
        self.enqueue(client, message)

    def forget(self, message: Msg) -> None:
        """It waits neither in the queue nor for a tool any more (section 10.5, deviation)."""
        if message in self.queue:
            self.queue.remove(message)
        for launch in self.launches.values():
            if message in launch.held:
                launch.held.remove(message)

    def candidates(self, op: str | None) -> list[Pat]:
        opless = [pattern for pattern in self.patterns if not pattern.ops]
        return opless + [pattern for pattern in self.patterns if op is not None and op in pattern.ops]

    def one_pass(self, message: Msg, observers: bool) -> Pat | None:
        if message.address == "HANDLER":
            return None
        fold = Fold()
        for pattern in self.candidates(message.op):
            if not pattern.client.active:
                continue
            if pattern.category == "OBSERVE":
                if observers and not pattern.origin and pattern_score(pattern, message) > 0:
                    copy = message.snapshot()
                    copy.pattern = pattern.id
                    self.enqueue(pattern.client, copy)
                continue
            wanted = message.state == "SENT" and not message.observers_only
            if wanted and pattern.client.name not in message.tried and not fold.skips(pattern.category):
                score = pattern_score(pattern, message)
                if score > 0:
                    fold.offer(pattern, pattern.category, score, pattern.timestamp)
        best: Pat | None = fold.best
        return best

    def deliver_promise(self, copy: Msg) -> bool:
        served: list[Client] = []
        for pattern in self.candidates(copy.op):
            if pattern.category != "OBSERVE" or pattern.origin != copy.promised or not pattern.client.active:
                continue
            if pattern_score(pattern, copy) > 0 and pattern.client not in served:
                served.append(pattern.client)
                self.enqueue(pattern.client, replace(copy, pattern=pattern.id))
        return bool(served)

    # Dispositions (section 10)

    def nobody(self, message: Msg) -> None:
        if message.observers_only:
            return
        if not message.disposition & 3 or (message.disposition & 3 == 1 and "QUEUED" in message.reported):
            if not message.promised or message.disposition & 3:
                self.fail(message, 1053)
            return
        target = message.promised or message.handler_ptype
        if message.disposition & 2 and not self.enter_started(message, target):
            message.disposition = 0
            self.fail(message, 1056)
            return
        if message.disposition & 1 and "QUEUED" not in message.reported:
            status = self.enter_queued(message, target)
            if status:
                self.fail(message, status)

    def fail(self, message: Msg, status: int) -> None:
        message.status = status
        self.change(message, "", "FAILED")

    def enter_started(self, message: Msg, ptid: str) -> bool:
        message.reported.add("STARTED")
        self.set_state(message, "STARTED")
        if not self.start.get(ptid) or message.launches >= 3:
            return False
        launch = self.launches[ptid]
        launch.held.append(message)
        if not launch.launching and len(launch.held) == 1:
            self.launch(ptid)
        self.tell_waiting(message)
        return True

    def launch(self, ptid: str) -> None:
        launch = self.launches[ptid]
        launch.held[0].launches += 1
        self.pids += 1
        launch.launching, launch.pid, launch.tool = True, self.pids, ""
        self.said.append(f"launch {ptid}")

    def enter_queued(self, message: Msg, ptid: str) -> int:
        message.reported.add("QUEUED")
        self.set_state(message, "QUEUED")
        if message.scope in ("FILE", "BOTH"):
            return 1054
        if ptid not in self.start:
            return 1053
        self.queue.append(message)
        self.tell_waiting(message)
        return 0

    def tell_waiting(self, message: Msg) -> None:
        """The sender first, then observers (section 6.3)."""
        if message.original is None:
            self.report(message)
            self.one_pass(message, observers=True)

    # States (section 9)

    def set_state(self, message: Msg, state: str) -> None:
        """A promise copy shows the state it was made in (section 7.2)."""
        if message.promised:
            message.progress = state
        else:
            message.state = state

    def change(self, message: Msg, changer: str, state: str) -> None:
        """``changer``: the client that causes it, empty for the server."""
        if message.tt_class == "OFFER" and state == "FAILED":
            state = "ABSTAINED" if changer else "RETURNED"
        if state in VOTES:
            self.set_state(message, state)
            if message.tt_class == "OFFER":
                self.vote(message.root(), changer, state)
                message.root().waiting -= 1
                self.count(message.root())
            else:
                self.rejected(message)
            return
        if state in message.reported:
            return
        message.reported.add(state)
        self.set_state(message, state)
        self.forget(message)
        if message.original is None:
            self.deliver(message)
            self.report(message)

    def rejected(self, message: Msg) -> None:
        message.tried.append(message.handler)
        message.handler, message.given = "", False
        message.reported.discard("STARTED")
        message.state = "SENT"
        self.look_for_handler(message, observers=False)

    def report(self, message: Msg) -> None:
        """Requests always, offers when they return, notices never."""
        sender = self.find(message.sender)
        if sender is None:
            return
        if message.tt_class == "REQUEST" or (message.tt_class == "OFFER" and message.state == "RETURNED"):
            self.enqueue(sender, message)

    # Offers (section 11)

    def vote(self, message: Msg, voter: str, vote: str) -> None:
        if message.state != "RETURNED":
            kind = VOTES[vote]
            setattr(message, kind, (*getattr(message, kind), voter))

    def count(self, message: Msg) -> None:
        waits = message in self.queue or any(message in launch.held for launch in self.launches.values())
        if message.tt_class == "OFFER" and message.waiting <= 0 and not waits and message.state not in FINAL:
            self.change(message, "", "RETURNED")

    # What clients call

    def open(self, name: str, version: int, token: str = "") -> Client:
        client = Client(name, version)
        self.clients.append(client)
        if token:
            client.token = token
            self.confirm(client, token)
        return client

    def register(self, pattern: Pat) -> None:
        self.now += 1
        if pattern.category == "HANDLE_PUSH":
            pattern.timestamp = self.now
        self.patterns.insert(0, pattern)

    def unregister(self, id: str) -> None:
        self.patterns = [pattern for pattern in self.patterns if pattern.id != id]

    def declare(self, client: Client, ptid: str) -> None:
        signatures = self.declared[ptid]
        handles = [signature for signature in signatures if signature.category != "OBSERVE"]
        for signature in handles + [s for s in signatures if s.category == "OBSERVE"]:
            observe = signature.category == "OBSERVE"
            if signature.category in ("HANDLE_PUSH", "HANDLE_ROTATE") and signature.scope in ("FILE", "BOTH"):
                self.static_ids += 1
                break
            self.register(
                Pat(
                    f"{self.static_ids}:{self.address}",
                    client,
                    signature.category,
                    ops=(signature.op,),
                    classes=("UNDEFINED",),
                    addresses=("OTYPE", "OBJECT") if signature.otid else ("PROCEDURE",),
                    dispositions=(signature.disposition,),
                    scopes=(signature.scope,),
                    handler_ptypes=() if observe else (ptid,),
                    otypes=(signature.otid,) if signature.otid else (),
                    args=signature.args,
                    contexts={slot: [] for slot in signature.contexts},
                    listed=False,
                    origin=ptid,
                )
            )
            self.static_ids += 1
        self.retry_queue()

    def undeclare(self, client: Client, ptid: str) -> None:
        self.patterns = [p for p in self.patterns if p.client is not client or p.origin != ptid]

    def join(self, client: Client, listed: bool) -> None:
        """Join, or quit, the session: the patterns there are (section 14.1)."""
        for pattern in self.patterns:
            if pattern.client is client and set(pattern.scopes) & {"SESSION", "FILE_IN_SESSION", "BOTH"}:
                pattern.listed = listed
        if listed:
            self.retry_queue()

    def context(self, client: Client, slot: str, value: Any, join: bool) -> None:
        """Join, or quit, a context (section 15)."""
        for pattern in self.patterns:
            if pattern.client is client and slot in pattern.contexts:
                values = pattern.contexts[slot]
                if join:
                    values.append(value)
                elif value in values:
                    values.remove(value)

    def retry_queue(self) -> None:
        """Section 10.4, without its quirks: a fruitless try changes nothing."""
        for message in list(self.queue):
            if message in self.queue and not self.retry(message):
                self.set_state(message, "QUEUED")

    def retry(self, message: Msg) -> bool:
        self.set_state(message, "SENT")
        if message.promised:
            taken = self.deliver_promise(message)
            if taken:
                self.forget(message)
        else:
            taken = self.give_to_handler(message, observers=False)
        if taken:
            self.count(message.root())
        return taken

    def answer(
        self, client: Client, state: str, id: int, sender: str, status: int, string: str, **changes: Any
    ) -> None:
        """An update by ``client`` (sections 8.3, 9.1, 10.3)."""
        found = next((m for m in client.delivered if (m.id, m.sender) == (id, sender)), None)
        if changes.pop("start", False):
            launch = self.launches.get(client.token)
            if launch is not None and launch.tool == client.name:
                self.release(client.token)
        if found is None:
            return
        offer = found.tt_class == "OFFER"
        if state not in (("FAILED", *VOTES) if offer else ("HANDLED", "FAILED", "REJECTED")):
            return
        client.delivered.remove(found)
        if not offer:
            found.status = status
            found.string = string or found.string
            if state != "REJECTED":
                values = changes.get("values") or ()
                found.args = tuple(
                    (a[0], a[1], values[i]) if a[0] != "IN" and i < len(values) else a
                    for i, a in enumerate(found.args)
                )
                found.contexts = changes.get("contexts") or found.contexts
        if found.start:
            found.start = False
        if found.status == 5:
            found.status = 0
        if offer and state == "FAILED":
            state = "ABSTAINED"
        self.change(found, client.name, state)

    def end(self, client: Client, closed: bool) -> None:
        """Section 13.1."""
        client.active = False
        if not closed:
            for message in client.on_exit:
                self.send(message)
        self.said.append(f"drop {client.name}")
        owed = [m for m in client.undelivered if self.processes(client, m)] + client.delivered
        self.patterns = [pattern for pattern in self.patterns if pattern.client is not client]
        for message in owed:
            offer = message.tt_class == "OFFER"
            if not offer or message.original is not None:
                message.status = 1042
            self.change(message, client.name, "ABSTAINED" if offer else "FAILED")
        self.clients.remove(client)
        launch = self.launches.get(client.token)
        if launch is not None and launch.tool == client.name:
            self.launch_failed(launch)

    # Tools (section 10.3)

    def confirm(self, client: Client, ptid: str) -> None:
        launch = self.launches.get(ptid)
        if launch is None or not launch.launching or launch.tool:
            return
        if not launch.held:
            launch.launching = False
            return
        launch.tool = client.name
        message = launch.held[0]
        message.status, message.start = 5, True
        if message.promised:
            self.forget(message)
            self.enqueue(client, message)
        else:
            self.hand_to(client, message)
        self.count(message.root())

    def unblock(self, client: Client, ptid: str) -> None:
        named = client.token or ptid
        launch = self.launches.get(named)
        if launch is not None and launch.tool and (not client.token or launch.tool == client.name):
            self.release(named)

    def release(self, ptid: str) -> None:
        launch = self.launches[ptid]
        launch.launching, launch.tool = False, ""
        while launch.held and not launch.launching:
            message = launch.held[0]
            if self.retry(message):
                continue
            if message.launches < 3:
                self.launch(ptid)
            else:
                self.fail(message, 1056)

    def process_ended(self, pid: int) -> None:
        for launch in self.launches.values():
            if launch.launching and launch.pid == pid:
                self.launch_failed(launch)

    def launch_failed(self, launch: Launch) -> None:
        launch.launching, launch.tool = False, ""
        held, launch.held = launch.held, []
        for message in held:
            self.fail(message, 1056)
