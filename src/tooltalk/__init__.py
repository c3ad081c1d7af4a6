"""The ToolTalk message service: server, type compiler and everything below the client library."""
