"""Plain data of ToolTalk: messages, patterns, signatures and their parts. No I/O, no clock, no wire."""
