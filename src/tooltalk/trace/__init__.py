"""What a session does, printed: as the C server does, as a story, as JSON; and the script that filters it."""
