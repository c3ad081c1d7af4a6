"""The functions of tt_c.h as a client's trace prints them: what their arguments are, and their result.

One letter stands for each argument (spec 07 section 7.2)::

    a category   d disposition   D address   e state   F feature   L class   O mode   S scope   t status
    i N          a number
    c C E T l o r s   a string
    n I          bytes and their length, which are printed as one
    A M P X      a handle or anything else that has only an address
    v            no arguments

Where the C library prints an argument as another kind than it is (the mode of tt_message_barg_add, the
slots of tt_pattern_context_add, otypes, objids, the value of tt_pattern_arg_add), this is the right one.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

STATUS: Final = ""
STRING: Final = "*"
HANDLE: Final = "^"
NUMBER: Final = "#"
ENUMERATION: Final = "@"
NOTHING: Final = "!"


class ApiFunction(NamedTuple):
    """A function. codes: a letter for each argument. result: its kind. names: letter of an enumeration."""

    name: str
    codes: str
    result: str
    names: str = ""


# The sign behind a name is the kind of its result, none for a Tt_status; behind @ the enumeration.
_TABLE: Final[dict[str, str]] = {
    "v": "close default_file* default_procid* default_ptype* default_session* fd# initial_session* mark# "
    "message_create^ message_receive^ open* pattern_create^ thread_procid* thread_session*",
    "A": "free! pointer_error",
    "C": "X_session* default_procid_set default_ptype_set default_session_set file_destroy file_join "
    "file_netfile* file_quit netfile_file* procid_session* ptype_declare ptype_exists ptype_undeclare "
    "session_join session_propnames_count# session_quit spec_create* thread_procid_set thread_session_set",
    "c": "default_file_set",
    "F": "feature_enabled feature_required",
    "i": "int_error malloc^ release!",
    "t": "error_int# error_pointer^ status_message*",
    "M": "message_abstainers_count# message_accept message_accepters_count# message_address@D "
    "message_args_count# message_class@L message_contexts_count# message_create_super^ message_destroy "
    "message_disposition@d message_fail message_file* message_gid# message_handler* "
    "message_handler_ptype* message_id* message_object* message_op* message_opnum# message_otype* "
    "message_pattern^ message_print* message_reject message_rejecters_count# message_reply "
    "message_scope@S message_send message_send_on_exit message_sender* message_sender_ptype* "
    "message_session* message_state@e message_status message_status_string* message_uid#",
    "P": "pattern_category@a pattern_destroy pattern_print* pattern_register pattern_unregister",
    "o": "objid_objkey* otype_base* otype_deriveds_count# otype_hsig_count# otype_osig_count# spec_destroy "
    "spec_file* spec_propnames_count# spec_type* spec_write",
    "CC": "file_copy file_move host_file_netfile* host_netfile_file*",
    "Ci": "session_propname*",
    "Cr": "session_prop_count#",
    "EC": "session_types_load",
    "MC": "message_handler_ptype_set message_handler_set message_op_set message_otype_set "
    "message_sender_ptype_set message_session_set message_status_string_set",
    "Mc": "message_file_set",
    "MD": "message_address_set",
    "ML": "message_class_set",
    "MS": "message_scope_set",
    "MX": "message_callback_add",
    "Md": "message_disposition_set",
    "Mo": "message_object_set",
    "MN": "message_arg_bval message_arg_ival message_arg_mode@O message_arg_type* message_arg_val*",
    "Mi": "message_abstainer* message_accepter* message_context_slotname* message_rejecter* "
    "message_status_set message_user^",
    "Ms": "message_context_bval message_context_ival message_context_val*",
    "PC": "pattern_file_add pattern_op_add pattern_otype_add pattern_sender_add pattern_sender_ptype_add "
    "pattern_session_add",
    "PD": "pattern_address_add",
    "PL": "pattern_class_add",
    "PS": "pattern_scope_add",
    "PX": "pattern_callback_add",
    "Pa": "pattern_category_set",
    "Pd": "pattern_disposition_add",
    "Pe": "pattern_state_add",
    "Pi": "pattern_opnum_add pattern_user^",
    "Po": "pattern_object_add",
    "SC": "pnotice_create^ prequest_create^",
    "lC": "context_join context_quit",
    "li": "icontext_join icontext_quit",
    "lnI": "bcontext_join bcontext_quit",
    "lXA": "xcontext_join xcontext_quit",
    "oC": "onotice_create^ orequest_create^ spec_move*",
    "oi": "otype_derived* otype_hsig_args_count# otype_hsig_op* otype_osig_args_count# otype_osig_op* "
    "spec_propname*",
    "oo": "objid_equal# otype_is_derived# spec_type_set",
    "or": "spec_prop_count#",
    "CiX": "otype_opnum_callback_add ptype_opnum_callback_add",
    "Cri": "session_bprop session_prop*",
    "CrC": "session_prop_add session_prop_set",
    "CrnI": "session_bprop_add session_bprop_set",
    "CXAA": "file_objects_query",
    "MNC": "message_arg_val_set",
    "MNi": "message_arg_ival_set",
    "MNnI": "message_arg_bval_set",
    "MNXA": "message_arg_xval_set",
    "MNXX": "message_arg_xval",
    "MOTc": "message_arg_add",
    "MOTi": "message_iarg_add",
    "MOTnI": "message_barg_add",
    "MOTXA": "message_xarg_add",
    "MiA": "message_user_set",
    "MsC": "message_context_set",
    "Msi": "message_icontext_set",
    "MsnI": "message_bcontext_set",
    "MsXA": "message_xcontext_set",
    "MsXX": "message_context_xval",
    "POTC": "pattern_arg_add",
    "POTi": "pattern_iarg_add",
    "POTnI": "pattern_barg_add",
    "POTXA": "pattern_xarg_add",
    "PlC": "pattern_context_add",
    "Pli": "pattern_icontext_add",
    "PlnI": "pattern_bcontext_add",
    "PlXA": "pattern_xcontext_add",
    "PiA": "pattern_user_set",
    "oii": "otype_hsig_arg_mode@O otype_hsig_arg_type* otype_osig_arg_mode@O otype_osig_arg_type*",
    "ori": "spec_bprop spec_prop*",
    "orC": "spec_prop_add spec_prop_set",
    "ornI": "spec_bprop_add spec_bprop_set",
}


def _functions() -> Iterator[ApiFunction]:
    for codes, words in _TABLE.items():
        for word in words.split():
            name = word.rstrip("DLOSade").rstrip("*^#@!") if "@" in word else word.rstrip("*^#!")
            sign = word[len(name) :]
            yield ApiFunction("tt_" + name, "" if codes == "v" else codes, sign[:1], sign[1:])


FUNCTIONS: Final[dict[str, ApiFunction]] = {function.name: function for function in _functions()}
"""Every function that is traced. tt_trace_control and the functions of tttk.h are not."""
