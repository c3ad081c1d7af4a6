"""When two signatures declare the same method (spec 04 section 5).

Neither relation is symmetric: the first signature is the pattern. Contexts never distinguish
signatures without arguments, and a pattern without contexts ignores those of the other (trap 20).
"""

from __future__ import annotations

from tooltalk.model.signature import Signature


def same_method(pattern: Signature, other: Signature) -> bool:
    """Whether ``other`` declares the operation and arguments of ``pattern``.

    Types are compared as text: ``ALL`` equals ``ALL`` and nothing else.
    """
    if pattern.op != other.op or len(pattern.args) != len(other.args):
        return False
    if not pattern.args:
        return True
    for ours, theirs in zip(pattern.args, other.args, strict=True):
        if ours.mode != theirs.mode or ours.vtype != theirs.vtype:
            return False
    return not pattern.contexts or pattern.contexts == other.contexts


def equal(pattern: Signature, other: Signature) -> bool:
    """Whether the two cannot be told apart: same method, otype and category, in a ptype also same scope.

    The ptype does not count: the lists of two ptypes may hold equal signatures.
    """
    return (
        pattern.otid == other.otid
        and pattern.category == other.category
        and (pattern.otid is not None or pattern.scope == other.scope)
        and same_method(pattern, other)
    )
