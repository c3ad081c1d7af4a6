"""What a ptype's signatures become when a procid declares the ptype."""

from __future__ import annotations

from tooltalk.model.arg import PatternContext
from tooltalk.model.enums import Address, Category
from tooltalk.model.pattern import Pattern
from tooltalk.model.signature import Signature


def static_pattern(signature: Signature, ptid: bytes, pattern_id: bytes) -> Pattern:
    """The pattern that an instance of ``ptid`` gets for one signature (spec 03 section 1.5)."""
    pattern = Pattern(pattern_id, signature.category)
    pattern.scopes = 1 << signature.scope
    pattern.ops = [signature.op]
    pattern.classes = 1 << signature.tt_class
    pattern.dispositions = 1 << signature.disposition
    pattern.args = list(signature.args)
    pattern.contexts = [PatternContext(slot) for slot in sorted(signature.contexts)]
    if signature.opnum != -1:
        pattern.opnums = [signature.opnum]
    if signature.category != Category.OBSERVE:
        pattern.handler_ptypes = [ptid]
    if signature.otid is None:
        pattern.addresses = 1 << Address.PROCEDURE
    else:
        pattern.otypes = [signature.otid]
        pattern.addresses = (1 << Address.OTYPE) | (1 << Address.OBJECT)
    return pattern
