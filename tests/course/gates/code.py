"""Gates on the code in cells (R8, R10-R12, R19)."""

import ast
import io
import re
import tokenize

from nbformat import NotebookNode

from tests.course.gates.cells import code_cells, code_lines, is_graded, tree, where

FORBIDDEN = {
    r"^\s*[%!]": "a magic or shell line",
    r"\bsys\.path\b": "sys.path",
    r"\bpip\b": "pip",
    r"\b\d{12}\b": "an account number",
    r"\b(us|eu|ap|sa|ca|me|af|il)-(gov-)?[a-z]+-\d\b": "a Region",
    r"(?i)\bsuccess(fully)?\b": "a cheer",
    r"(?i)<your[-_ ]|\byour[-_](bucket|role|account|name)\b": "a placeholder",
    r"\bTODO\b|\bFIXME\b": "a TODO",
}


def forbidden(notebook: NotebookNode) -> list[str]:
    return [
        f"{where(notebook, cell)}: {what} in a cell"
        for cell in code_cells(notebook)
        for pattern, what in FORBIDDEN.items()
        if re.search(pattern, cell.source, re.MULTILINE)
    ]


def swallowing(notebook: NotebookNode) -> list[str]:
    """Refuse handlers that catch everything."""
    broad = {None, "Exception", "BaseException"}
    return [
        f"{where(notebook, cell)}: a broad except"
        for cell in code_cells(notebook)
        for node in ast.walk(tree(cell))
        if isinstance(node, ast.ExceptHandler)
        and (ast.unparse(node.type) if node.type else None) in broad
    ]


def code_strings(notebook: NotebookNode) -> list[str]:
    """Refuse programs kept in strings: a script is a file with tests."""
    return [
        f"{where(notebook, cell)}: a program in a string"
        for cell in code_cells(notebook)
        for node in ast.walk(tree(cell))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and _is_program(node.value)
    ]


def _is_program(text: str) -> bool:
    if "\n" not in text.strip():
        return False
    try:
        body = ast.parse(text).body
    except SyntaxError:
        return False
    kinds = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.Assign, ast.For, ast.With)
    return any(isinstance(node, kinds) for node in body)


def showing(notebook: NotebookNode) -> list[str]:
    """Ask each cell of a lesson to end in what it shows."""
    ends = (ast.Expr, ast.With, ast.FunctionDef, ast.ClassDef)
    return [
        f"{where(notebook, cell)}: ends in no expression and no figure"
        for cell in code_cells(notebook)
        if not isinstance(tree(cell).body[-1], ends)
    ]


def late_imports(notebook: NotebookNode) -> list[str]:
    """Ask for imports where they are first used: in the same cell."""
    complaints = []
    for cell in code_cells(notebook):
        if cell.id == "setup":
            continue
        names = {node.id for node in ast.walk(tree(cell)) if isinstance(node, ast.Name)}
        for node in ast.walk(tree(cell)):
            if isinstance(node, ast.Import | ast.ImportFrom):
                bound = [(a.asname or a.name).split(".")[0] for a in node.names]
                unused = [name for name in bound if name not in names]
                complaints += [
                    f"{where(notebook, cell)}: imports {name}, and does not use it"
                    for name in unused
                ]
    return complaints


def comments(notebook: NotebookNode) -> list[str]:
    """Leave the explaining to the prose: at most 5 % of the lines are comments."""
    source = "\n".join(cell.source for cell in code_cells(notebook))
    marks = ("BEGIN SOLUTION", "END SOLUTION", "YOUR CODE HERE")
    count = sum(
        not any(mark in text for mark in marks) for text in comment_texts(source)
    )
    lines = sum(len(code_lines(cell)) for cell in code_cells(notebook))
    return (
        [] if count <= 0.05 * lines else [f"{count} comments in {lines} lines of code"]
    )


def comment_texts(source: str) -> list[str]:
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return [token.string for token in tokens if token.type == tokenize.COMMENT]


def graded(notebook: NotebookNode) -> list[str]:
    """Hold graded cells to one claim, and to what nbgrader reads into a cell's end."""
    complaints = []
    for cell in filter(is_graded, notebook.cells):
        name, grade_id = where(notebook, cell), cell.metadata.nbgrader.grade_id
        task = grade_id.removesuffix("_check")
        if cell.source != f'check("{task}", {task})':
            complaints.append(f'{name}: is not just check("{task}", {task})')
        if grade_id != cell.id.replace("-", "_"):
            complaints.append(f"{name}: grade_id {grade_id} is not the cell's id")
        if not cell.metadata.nbgrader.locked:
            complaints.append(f"{name}: not locked")
    return complaints
