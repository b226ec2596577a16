"""Gates on the modules of the packages: size, comments, names (DESIGN 4 and 10)."""

import ast
from pathlib import Path

from helpers.authoring.manifest import ROOT
from tests.course.gates.code import comment_texts

PACKAGES = ("helpers", "localaws")
CATCH_ALL = {"Exception", "BaseException"}
NAMES = {"utils", "util", "common", "misc", "base", "core"}


def modules(*folders: str) -> list[Path]:
    return sorted(path for name in folders for path in (ROOT / name).rglob("*.py"))


def module_size(path: Path) -> list[str]:
    lines = len(path.read_text(encoding="utf-8").splitlines())
    return [] if lines <= 300 else [f"{lines} lines; at most 300: split it by noun"]


def comment_share(path: Path) -> list[str]:
    source = path.read_text(encoding="utf-8")
    lines = len(source.splitlines())
    texts = comment_texts(source)
    count = sum(not text.startswith(("# noqa", "# type:")) for text in texts)
    # Two comments are no habit, however short the module.
    return (
        [] if count <= max(2, 0.05 * lines) else [f"{count} comments in {lines} lines"]
    )


def annotations(path: Path) -> list[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = (ast.FunctionDef, ast.AsyncFunctionDef)
    return [
        f"line {node.lineno}: {node.name} does not say what it returns"
        for node in ast.walk(tree)
        if isinstance(node, found) and node.returns is None and node.name != "__init__"
    ]


def swallowing(path: Path) -> list[str]:
    """Refuse handlers that catch everything and neither raise nor use the error."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [
        f"line {node.lineno}: catches everything, and hides it"
        for node in ast.walk(tree)
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or ast.unparse(node.type) in CATCH_ALL)
        and not _handled(node)
    ]


def _handled(node: ast.ExceptHandler) -> bool:
    inside = [each for part in node.body for each in ast.walk(part)]
    uses = node.name and any(
        isinstance(each, ast.Name) and each.id == node.name for each in inside
    )
    reports = any(
        isinstance(each, ast.Attribute)
        and each.attr in {"exception", "excepthook", "print_exc"}
        for each in inside
    )
    return bool(uses) or reports or any(isinstance(each, ast.Raise) for each in inside)


def naming(path: Path) -> list[str]:
    return [f"{path.stem} says nothing"] if path.stem in NAMES else []


def imports(path: Path) -> set[str]:
    """Give the full names of what a module imports, wherever in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add("." * node.level)
    return found
