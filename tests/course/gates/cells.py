"""What every gate needs: cells with their place, code as a tree, prose as words."""

import ast
import re
from collections.abc import Iterator

from nbformat import NotebookNode


def where(notebook: NotebookNode, cell: NotebookNode) -> str:
    place = [each.id for each in notebook.cells].index(cell.id) + 1
    return f"cell {place}, {cell.id}"


def code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def prose_cells(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "markdown"]


def named(notebook: NotebookNode, name: str) -> NotebookNode | None:
    return next((cell for cell in notebook.cells if cell.id == name), None)


def tree(cell: NotebookNode) -> ast.Module:
    return ast.parse(cell.source)


def code_lines(cell: NotebookNode) -> list[str]:
    return [line for line in cell.source.splitlines() if line.strip()]


def is_graded(cell: NotebookNode) -> bool:
    return bool(cell.metadata.get("nbgrader", {}).get("grade"))


def prose_lines(cell: NotebookNode) -> Iterator[str]:
    """Give the lines of running text: no headings, tables, fences."""
    fenced = False
    for line in cell.source.splitlines():
        text = line.strip()
        if text.startswith("```"):
            fenced = not fenced
        elif text and not fenced and not text.startswith(("#", "|")):
            yield text


def plain(text: str) -> str:
    """Take code, markup and link targets out of a text."""
    text = re.sub(r"`[^`]*`", "code", text)
    text = re.sub(r"<[^>]*>", " ", text)
    return re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", text)


def words(cell: NotebookNode) -> int:
    return len(re.findall(r"[^\W_][\w'-]*", plain(cell.source)))
