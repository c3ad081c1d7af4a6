"""``python -m ttclient``: messages from the command line. ttclient(1)."""
