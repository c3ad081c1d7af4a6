"""Finds what a piece of Python would call, in the classes of ttclient, without calling anything."""

from __future__ import annotations

import ast
import inspect
from types import ModuleType
from typing import Any

import ttclient
from ttclient import aio, desktop, media, toolkit
from ttclient.aio.otype import OtypeSignature as AioSignature
from ttclient.args import Args, MessageArg
from ttclient.blocking.otype import OtypeSignature
from ttclient.blocking.toolkit.files import FileWatch
from ttclient.blocking.toolkit.session import DesktopSession
from ttclient.contexts import Contexts
from ttclient.signatures import SignatureArg
from ttclient.user import UserData


class Instance:
    """Some object of a class; ``Instance(None)`` is any."""

    def __init__(self, kind: type | None) -> None:
        self.kind = kind


ANYTHING = Instance(None)

COMMON: dict[str, Any] = {
    "ttclient": ttclient,
    "aio": aio,
    "desktop": desktop,
    "media": media,
    "toolkit": toolkit,
    "Op": toolkit.Op,
    "op": Instance(toolkit.Op),
    "watch": Instance(FileWatch),
    "desktop_session": Instance(DesktopSession),
    "spec": Instance(ttclient.ObjectSpec),
    **{name: getattr(ttclient, name) for name in ttclient.__all__ if name[0].isupper()},
}

BLOCKING = COMMON | {
    "procid": Instance(desktop.DesktopProcId),
    "msg": Instance(ttclient.Message),
    "pat": Instance(ttclient.Pattern),
    "session": Instance(ttclient.Session),
}

ASYNCIO = COMMON | {
    "procid": Instance(aio.ProcId),
    "msg": Instance(aio.Message),
    "Message": aio.Message,
    "pat": Instance(aio.Pattern),
    "session": Instance(aio.Session),
    "otype": Instance(aio.Otype),
}

GIVES: dict[tuple[type, str], type] = {
    (ttclient.Message, "args"): Args,
    (aio.Message, "args"): Args,
    (ttclient.Message, "contexts"): Contexts,
    (aio.Message, "contexts"): Contexts,
    (ttclient.Message, "user"): UserData,
    (aio.Message, "user"): UserData,
    (ttclient.Pattern, "user"): UserData,
    (aio.Pattern, "user"): UserData,
    (OtypeSignature, "args"): tuple,
    (AioSignature, "args"): tuple,
}
"""What attributes of a class are, where more is said of them."""

ITEMS: dict[str, type] = {
    "args": MessageArg,
    "observe_signatures": OtypeSignature,
    "handle_signatures": OtypeSignature,
}
"""What the items of a sequence with that name are."""


def check(text: str, names: dict[str, Any]) -> None:
    """Raise AssertionError if there is no such thing, or it cannot be called so."""
    tree = ast.parse(text).body[0]
    if isinstance(tree, ast.Assign):
        _settable(tree.targets[0], names)
    else:
        assert isinstance(tree, ast.Expr), text
        _what(tree.value, names)


def _settable(target: ast.expr, names: dict[str, Any]) -> None:
    if isinstance(target, ast.Subscript):
        owner = _what(target.value, names)
        assert hasattr(owner.kind, "__setitem__"), ast.unparse(target)
        return
    assert isinstance(target, ast.Attribute)
    owner = _what(target.value, names)
    found = inspect.getattr_static(owner.kind, target.attr)
    assert isinstance(found, property), ast.unparse(target)
    assert found.fset is not None, ast.unparse(target)


def _what(node: ast.expr, names: dict[str, Any]) -> Any:
    match node:
        case ast.Await():
            return _what(node.value, names)
        case ast.Compare():
            return ANYTHING
        case ast.Name() if node.id in ("len", "list", "str"):
            return ANYTHING
        case ast.Name():
            assert node.id in names, f"there is no {node.id}"
            return names[node.id]
        case ast.Attribute():
            return _attribute(_what(node.value, names), node.attr)
        case ast.Subscript():
            _what(node.value, names)
            last = node.value.value if isinstance(node.value, ast.Await) else node.value
            last = last.func if isinstance(last, ast.Call) else last
            name = last.attr if isinstance(last, ast.Attribute) else ""
            return _item(_what(last, names), name)
        case ast.Call():
            return _called(node, names)
    raise AssertionError(f"what is {ast.unparse(node)}?")


def _attribute(owner: Any, name: str) -> Any:
    if isinstance(owner, ModuleType):
        assert hasattr(owner, name), f"{owner.__name__} has no {name}"
        return getattr(owner, name)
    kind = owner.kind if isinstance(owner, Instance) else owner
    if kind is None:
        return ANYTHING
    assert hasattr(kind, name) or name in getattr(kind, "__slots__", ()), f"{kind.__name__} has no {name}"
    found = inspect.getattr_static(kind, name, None)
    if inspect.isfunction(found) or isinstance(found, classmethod | staticmethod):
        return _Method(getattr(kind, name), name, isinstance(owner, Instance))
    given = next((GIVES[one, name] for one in kind.__mro__ if (one, name) in GIVES), None)
    return _Named(given, name)


class _Named(Instance):
    def __init__(self, kind: type | None, name: str) -> None:
        super().__init__(kind)
        self.name = name


class _Method(Instance):
    def __init__(self, function: Any, name: str, bound: bool) -> None:
        super().__init__(None)
        self.function = function
        self.name = name
        self.bound = bound and inspect.isfunction(function)


def _item(owner: Any, name: str) -> Any:
    if name == "args" and getattr(owner, "kind", None) is tuple:
        return Instance(SignatureArg)
    return Instance(ITEMS.get(name))


def _called(node: ast.Call, names: dict[str, Any]) -> Any:
    target = _what(node.func, names)
    for arg in node.args:
        if isinstance(arg, ast.Attribute | ast.Call | ast.Await):
            _what(arg, names)
    if target is ANYTHING:
        return ANYTHING
    function = target.function if isinstance(target, _Method) else target
    given: list[object] = [None] * len(node.args)
    if isinstance(target, _Method) and target.bound:
        given.insert(0, None)
    keywords = {keyword.arg: None for keyword in node.keywords if keyword.arg}
    try:
        inspect.signature(function).bind(*given, **keywords)
    except TypeError as problem:
        raise AssertionError(f"{ast.unparse(node)}: {problem}") from problem
    return Instance(target) if isinstance(target, type) else ANYTHING
