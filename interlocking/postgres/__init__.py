"""The database: its URL, the embedded server, connections, scratch databases, the catalog.

Pure: `url`, `failures`, `start_failures`, `extensions`, `scratch_names`. Everything else reaches a
server, a process or a file.
"""
