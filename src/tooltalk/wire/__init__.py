"""Bytes and values of the ToolTalk wire: XDR, records, RPC headers, structures, procedures. No I/O."""
