"""What a cell does with names: which it defines, which task it checks."""

import ast
import re
from collections.abc import Iterator
from typing import Any

from .bounds import BOUNDS

_MAGIC = re.compile(r"^(\s*)[%!?].*$", re.MULTILINE)
# Magics whose cell is still Python of the notebook.
_PYTHON = re.compile(r"^\s*%%(?:time|timeit|capture|prun)\b.*\n")
_DEFINED = re.compile(
    r"^(?:(?:async\s+)?(?:def|class)\s+(\w+)|(\w+)\s*(?::[^=\n]+)?=(?!=))", re.MULTILINE
)
_MOST, _LONGEST = 500, 100


def described(source: str) -> dict[str, Any]:
    """Say of a cell's source what identifies it once its ids are lost.

    Returns:
        `defines`: the names at its top level; `checks`: the task, if it is nothing but
        a call of `check`; `sets_up`: whether it says which lab this is; `python`:
        whether it could be parsed.
    """
    body = _PYTHON.sub("", source, count=1)
    if body.lstrip().startswith("%%"):
        return {"defines": [], "checks": None, "sets_up": False, "python": False}
    tree = _tree(body)
    if tree is None:
        found = [one or other for one, other in _DEFINED.findall(body)]
        named, checks, sets_up = found, None, "check.lab(" in body
    else:
        named, checks = list(_defined(tree.body)), _checked(tree)
        sets_up = any(_is_lab(node) for node in ast.walk(tree))
    kept = [name for name in dict.fromkeys(named) if len(name) <= _LONGEST][:_MOST]
    known = tree is not None and bool(tree.body)
    return {"defines": kept, "checks": checks, "sets_up": sets_up, "python": known}


def _tree(source: str) -> ast.Module | None:
    if len(source) > BOUNDS.parsed_bytes:
        return None
    try:
        return ast.parse(_MAGIC.sub(r"\1pass", source))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _defined(body: list[ast.stmt]) -> Iterator[str]:
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Assign):
            yield from (name for target in node.targets for name in _names(target))
        elif isinstance(node, ast.AnnAssign) and node.value:
            yield from _names(node.target)
        elif isinstance(node, ast.If | ast.With | ast.Try):
            yield from _defined([*node.body, *getattr(node, "orelse", [])])


def _names(target: ast.expr) -> Iterator[str]:
    if isinstance(target, ast.Name):
        yield target.id
    elif isinstance(target, ast.Tuple | ast.List):
        for each in target.elts:
            yield from _names(each)


def _checked(tree: ast.Module) -> str | None:
    match tree.body:
        case [ast.Expr(ast.Call(ast.Name("check"), [ast.Constant(str(task)), *_]))]:
            return task
    return None


def _is_lab(node: ast.AST) -> bool:
    match node:
        case ast.Call(ast.Attribute(ast.Name("check"), "lab")):
            return True
    return False
