"""Tables on files: one query or one crawl, in a process of its own.

What runs here has DuckDB, sqlglot and pyarrow, which would stay in the daemon's
memory. It knows files and plans as plain JSON, not AWS: the services hand it signed
addresses of what to read, and pick up what it wrote.
"""
