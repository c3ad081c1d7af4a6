"""The files of a trace: where its script comes from, and where its lines go."""
