"""The brain of a session, without I/O: who gets a message, in what form, in what order."""
