"""Brings `distutils` to Python 3.12, for which PySpark 3.5 still asks."""

import sys

if sys.version_info >= (3, 12):
    import _distutils_hack

    _distutils_hack.add_shim()
