"""Whether a message is the standard message it looks like (spec 08 section 10)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain, combinations

from tooltalk.model.enums import Class, Mode
from ttclient.standard.catalogue import ENTITY, MEDIA, Param, Synopsis, forms

Given = Sequence[tuple[int, str]]
"""Mode and vtype of each argument of a message."""


def problems(op: str, message_class: int, args: Iterable[tuple[int, str]]) -> list[str]:
    """What is wrong with a message of a standard op, one sentence each; nothing for other ops.

    A request sent as a notice is an edict, which is allowed (spec 08 section 1.2). More arguments than
    the standard knows are reported, although patterns ignore them: signatures do not.
    """
    given = list(args)
    known = forms(op)
    if not known:
        return []
    if message_class not in (known[0].message_class, Class.NOTICE):
        return [f"{op} is a notice, not a {_name(Class, message_class)}"]
    found = [_worst(form, given) for form in known]
    return [] if None in found else [min((text for text in found if text), key=len)]


def _worst(form: Synopsis, given: Given) -> str | None:
    """Why ``given`` does not have this form; None if it has."""
    reasons = [_differs(form.op, params, given) for params in _expected(form, len(given))]
    return None if None in reasons else reasons[0]


def _expected(form: Synopsis, count: int) -> Iterable[tuple[Param, ...]]:
    """The lists of arguments that the form allows, that of a fitting length first."""
    if form.repeats:
        times = max(1, -(-count // len(form.args)))
        return [form.args * times]
    choices = chain.from_iterable(combinations(form.optional, n) for n in range(len(form.optional) + 1))
    lists = [form.args + choice for choice in choices]
    return sorted(lists, key=lambda params: abs(len(params) - count))


def _differs(op: str, params: Sequence[Param], given: Given) -> str | None:
    for place, param in enumerate(params):
        wanted = f"{param.mode.name.lower()} {param.vtype} {param.name}"
        if place >= len(given):
            return f"{op} lacks argument {place}: {wanted}"
        mode, vtype = given[place]
        if mode != param.mode or (param.vtype not in (vtype, MEDIA, ENTITY)):
            return f"argument {place} of {op} is {_name(Mode, mode).lower()} {vtype}; it should be {wanted}"
    if len(given) > len(params):
        return f"{op} has {len(given)} arguments; the last it should have is number {len(params) - 1}"
    return None


def _name(kind: type[Class] | type[Mode], number: int) -> str:
    try:
        return kind(number).name
    except ValueError:
        return str(number)
