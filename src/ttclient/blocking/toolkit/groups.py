"""Groups of patterns that are registered, and destroyed, together."""

from __future__ import annotations

from collections.abc import Iterable

from tooltalk.model.enums import Mode, Scope
from ttclient.blocking.pattern import Pattern
from ttclient.blocking.procid import ProcId
from ttclient.blocking.toolkit.ending import destroy_patterns
from ttclient.callback import Callback
from ttclient.standard.catalogue import MESSAGE_ID
from ttclient.standard.patterns import Wanted


def pattern_for(procid: ProcId, wanted: Wanted, callback: Callback, contract: str | None = None) -> Pattern:
    """A pattern of the session, not registered yet. contract: id of the operation messages must name."""
    pattern = procid.pattern(
        wanted.category,
        scope=Scope.SESSION,
        ops=[op.op_name or "" for op in wanted.ops],
        classes=(wanted.message_class,),
        session=procid.session,
    )
    for mode, vtype in wanted.args:
        pattern.add_arg(mode, vtype)
    if contract is not None:
        pattern.add_arg(Mode.IN, MESSAGE_ID, contract)
    pattern.add_callback(callback)
    return pattern


def register_all(patterns: Iterable[Pattern]) -> list[Pattern]:
    """Register them in order; if one is refused none stays."""
    done: list[Pattern] = []
    try:
        for pattern in patterns:
            done.append(pattern)
            pattern.register()
    except BaseException:
        destroy_patterns(done)
        raise
    return done
