"""Static types: the source language, its checks, the compiled database, and where databases are found.

Bytes in, values out; the files themselves are read and written by ``tooltalk.server.typefiles``.
A server needs ``image`` and ``path`` only, and neither imports the grammar.
"""
