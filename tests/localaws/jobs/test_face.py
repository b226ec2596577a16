"""What the room offers, and what it must not know."""

import ast
from pathlib import Path

import localaws.jobs

ROOM = Path(localaws.jobs.__file__).parent
ALLOWED = {"awslambdaric", "psutil", "numpy", "torch", "xgboost"}


def test_the_exports_are_there() -> None:
    for name in localaws.jobs.__all__:
        assert hasattr(localaws.jobs, name)


def test_the_arrows() -> None:
    import sys

    for path in ROOM.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names: list[str] = []
            if isinstance(node, ast.Import):
                names = [one.name for one in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            for name in names:
                top = name.partition(".")[0]
                inside = name.startswith(("localaws.jobs", "localaws.algorithms"))
                known = top in sys.stdlib_module_names or top in ALLOWED
                assert inside or known, f"{path.name} imports {name}"
