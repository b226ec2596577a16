"""Lab 1.1: what a function returned, with Python's own numbers in it."""

from typing import Any


def plain(value: Any) -> Any:
    """Turn the numbers of NumPy within dicts, lists and tuples into Python's own."""
    if isinstance(value, dict):
        return {str(name): plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    return value.item() if type(value).__module__ == "numpy" else value
