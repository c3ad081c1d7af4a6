"""The desktop toolkit over the blocking frontend, for ``ttclient.toolkit``, ``desktop`` and ``media``."""
