"""API calls in a client's trace: the table of functions, and how values of each kind print (07-25)."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tooltalk.model.enums import Address, Category, Class, Disposition, Mode, Scope, State
from tooltalk.status import Status
from tooltalk.trace import calls
from tooltalk.trace.calls import FUNCTIONS
from tooltalk.trace.callvalues import CallValues, Handles, action
from tooltalk.trace.values import Values, status_name
from ttclient import variants
from ttclient.tracing import text_of
from ttclient.values import Codec

SOURCE = Path(__file__).resolve().parents[3] / "src" / "ttclient"

FOR_C_ONLY = {
    *("tt_malloc", "tt_free", "tt_error_int", "tt_error_pointer", "tt_int_error", "tt_pointer_error"),
    "tt_status_message",
}
ITEMS_OF_TUPLES = {"tt_message_accepter", "tt_message_rejecter", "tt_message_abstainer"}
"""``message.accepters`` shows as the call that counts them."""


def named_in_source() -> set[str]:
    """Functions that a decorator names, in quotes of one kind."""
    text = "".join(path.read_text() for path in SOURCE.rglob("*.py"))
    return set(re.findall(r'"(tt_\w*[a-z])"', text)) | {"tt_pattern_user_set"}


def variants_of(function: Any, *given: Any, values: tuple[Any, ...] = ("s", 7, b"b")) -> set[str]:
    """What ``function`` stands for with values of all kinds."""
    codec: Any = Codec
    names = {function(*given, value).name for value in values}
    try:
        return names | {function(*given, "s", codec=codec).name}
    except TypeError:
        return names


def all_variants() -> set[str]:
    class Arg:
        _message = _index = _arg = None

    names = variants_of(variants.message_arg_set, Arg) | variants_of(variants.message_context_set, Arg, "x")
    for function in (variants.message_arg_add, variants.pattern_arg_add):
        names |= variants_of(function, None, Mode.IN, "string")
    for function in (variants.context_join, variants.context_quit):
        names |= variants_of(function, None, "slot")
    for function in (
        variants.session_prop_set,
        variants.session_prop_add,
        variants.spec_prop_set,
        variants.spec_prop_add,
    ):
        names |= variants_of(function, None, "name", values=("s", b"b"))
    names |= {variants.pattern_context_add(None, "slot", v, c).name for v in ("", 7, b"") for c in (None, 1)}
    return names


OTYPES = {name for name in FUNCTIONS if name.startswith("tt_otype_")}
"""Named after their procedures; tests/process/trace asks them all."""


def test_every_function_is_somewhere() -> None:
    """07-25: whatever tt_c.h has and Python too."""
    known = named_in_source() | all_variants() | OTYPES
    assert set(FUNCTIONS) - known == FOR_C_ONLY | ITEMS_OF_TUPLES


def test_every_name_is_a_function() -> None:
    """A wrong name would leave its calls out of traces without a word."""
    assert named_in_source() | all_variants() <= set(FUNCTIONS)


def test_table() -> None:
    assert len(FUNCTIONS) == 211
    assert FUNCTIONS["tt_open"] == ("tt_open", "", calls.STRING, "")
    assert FUNCTIONS["tt_message_barg_add"] == ("tt_message_barg_add", "MOTnI", calls.STATUS, "")
    assert FUNCTIONS["tt_message_arg_mode"] == ("tt_message_arg_mode", "MN", calls.ENUMERATION, "O")
    assert FUNCTIONS["tt_X_session"] == ("tt_X_session", "C", calls.STRING, "")
    for function in FUNCTIONS.values():
        assert set(function.codes) <= set("acdeinorstlACDEFILMNOPSTX"), function


@pytest.fixture
def values() -> CallValues:
    return CallValues(Values(), Handles(lambda thing: thing, 100), text_of)


def shown(values: CallValues, name: str, *given: Any) -> str:
    return ", ".join(each.text for each in values.arguments(FUNCTIONS[name], given))


@pytest.mark.parametrize(
    ("name", "given", "wanted"),
    [
        ("tt_pattern_category_set", ["p", Category.OBSERVE], "0x1, TT_OBSERVE"),
        ("tt_pattern_category_set", ["p", 5], "0x1, ! Tt_category"),
        ("tt_pattern_disposition_add", ["p", Disposition(3)], "0x1, TT_QUEUE+TT_START"),
        ("tt_pattern_address_add", ["p", Address.OTYPE], "0x1, TT_OTYPE"),
        ("tt_pattern_state_add", ["p", State.SENT], "0x1, TT_SENT"),
        ("tt_feature_enabled", [1], "_TT_FEATURE_MULTITHREADED"),
        ("tt_feature_enabled", [2], "! Tt_feature"),
        ("tt_message_class_set", ["m", Class.REQUEST], "0x1, TT_REQUEST"),
        ("tt_prequest_create", [Scope.SESSION, "Op"], 'TT_SESSION, 0x1=="Op"'),
        ("tt_status_message", [1045], "TT_ERR_PTYPE"),
        ("tt_message_arg_add", ["m", Mode.IN, "v", None], '0x1, TT_IN, 0x2=="v", 0x0'),
        ("tt_message_barg_add", ["m", Mode.OUT, "v", b"a\0b"], '0x1, TT_OUT, 0x2=="v", 0x3=="a\\000b"3'),
        ("tt_message_arg_bval_set", ["m", 1, None], "0x1, 1, 0x00"),
        ("tt_message_iarg_add", ["m", Mode.INOUT, "v", -7], '0x1, TT_INOUT, 0x2=="v", -7'),
        ("tt_message_op_set", ["m", "x" * 41], f'0x1, 0x2=="{"x" * 40}"[...]'),
        ("tt_file_join", [Path("/a/b")], '0x1=="/a/b"'),
        ("tt_close", [], ""),
    ],
)
def test_arguments(name: str, given: list[Any], wanted: str, values: CallValues) -> None:
    """Spec 07 section 7.2, and 3.1 for values that have no name."""
    assert shown(values, name, *given) == wanted


@pytest.mark.parametrize(
    ("name", "value", "wanted"),
    [
        ("tt_message_send", Status.OK, "0 TT_OK"),
        ("tt_message_arg_val_set", None, "0 TT_OK"),
        ("tt_ptype_exists", Status.ERR_PTYPE, "1045 TT_ERR_PTYPE"),
        ("tt_message_status", 1600, "1600 ! Tt_status"),
        ("tt_fd", 5, "5 TT_OK"),
        ("tt_message_opnum", -1, "-1 TT_WRN_NOTFOUND"),
        ("tt_message_state", State.FAILED, "3==TT_FAILED TT_OK"),
        ("tt_message_op", "Hi", '0x1=="Hi" TT_OK'),
        ("tt_message_op", None, "0x0 TT_OK"),
        ("tt_message_object", Status.ERR_OBJID, "0x40c TT_ERR_OBJID"),
        ("tt_message_create", "m", "0x1 TT_OK"),
        ("tt_message_receive", None, "0x0 TT_OK"),
        ("tt_otype_is_derived", True, "1 TT_OK"),
    ],
)
def test_results(name: str, value: Any, wanted: str, values: CallValues) -> None:
    """Spec 07 section 7.1."""
    result, status = values.result(FUNCTIONS[name], value)
    assert f"{result.text} {status_name(status)}" == wanted


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("tt_message_send", "1035"),
        ("tt_message_arg_mode", "-1035==! Tt_mode"),
        ("tt_message_arg_val", "0x40b"),
        ("tt_message_create", "0x40b"),
        ("tt_session_prop_count", "-1035"),
    ],
)
def test_failures(name: str, wanted: str, values: CallValues) -> None:
    """What the C function gives back where ours raises."""
    assert values.failure(FUNCTIONS[name], 1035).text == wanted


def test_actions() -> None:
    assert action(1).text == "1==TT_CALLBACK_PROCESSED"
    assert action(None).text == "0==TT_CALLBACK_CONTINUE"
    assert action(9).text == "9==! Tt_callback_action"


def test_handles_forget_the_oldest() -> None:
    handles = Handles(lambda thing: thing, 2)
    assert [handles.token(name) for name in "aabcab"] == ["0x1", "0x1", "0x2", "0x3", "0x4", "0x5"]
    assert handles.token(None) == "0x0"
