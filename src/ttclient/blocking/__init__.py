"""The blocking frontend: sockets, waits, and the objects a program works with."""
