"""What unrelated programs agree on: the standard messages, their patterns, and how each is answered.

Nothing here touches sockets, files or clocks; ``ttclient.blocking.toolkit`` does, with these tables.
"""
