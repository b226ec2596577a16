"""Reads untrusted files, in a process of its own that knows the standard library alone.

The modules import each other relatively: the process finds them as the package
`reader`, without the rest of the course (see `serving`).
"""
