"""Write notebooks in their one canonical form; nothing else in the project writes any.

Kept: sources, slug ids, outputs, counts, the metadata that something reads. Gone:
what a tool has noted for itself, colours and machine paths of tracebacks, splits of a
stream that only show how fast it came.
"""

import re
from pathlib import Path

import nbformat
from nbformat import NotebookNode

KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
CELL_METADATA = ("tags", "nbgrader", "deletable", "editable")
SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
# What JupyterLab and nbformat give to a new cell.
RANDOM_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{8}")


def read(path: Path) -> NotebookNode:
    """Read a notebook as format 4."""
    return nbformat.read(path, as_version=4)


def dumps(notebook: NotebookNode) -> str:
    """Give the canonical text of a notebook; the notebook itself is left as it is.

    Raises:
        nbformat.ValidationError: if it is no valid notebook.
    """
    tidy = nbformat.from_dict(dict(notebook))
    tidy.nbformat, tidy.nbformat_minor = 4, 5
    tidy.metadata = nbformat.from_dict({"kernelspec": KERNEL})
    tidy.cells = [_cell(cell) for cell in notebook.cells]
    _name(tidy.cells)
    nbformat.validate(tidy, relax_add_props=False)
    return nbformat.writes(tidy) + "\n"


def write(notebook: NotebookNode, path: Path) -> bool:
    """Write a notebook if its canonical text differs from the file; tell whether."""
    text = dumps(notebook)
    if path.is_file() and path.read_bytes() == text.encode():
        return False
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(text.encode())
    return True


def _cell(cell: NotebookNode) -> NotebookNode:
    tidy = nbformat.from_dict(dict(cell))
    kept = {key: cell.metadata[key] for key in CELL_METADATA if key in cell.metadata}
    if not kept.get("tags", True):
        del kept["tags"]
    tidy.metadata = nbformat.from_dict(kept)
    tidy.source = "\n".join(line.rstrip() for line in cell.source.strip().split("\n"))
    if cell.cell_type == "code":
        tidy.outputs = _merged([_output(output) for output in cell.outputs])
    return tidy


def _output(output: NotebookNode) -> NotebookNode:
    tidy = nbformat.from_dict(dict(output))
    if output.output_type == "error":
        tidy.traceback = [f"{output.ename}: {output.evalue}"]
    return tidy


def _merged(outputs: list[NotebookNode]) -> list[NotebookNode]:
    merged: list[NotebookNode] = []
    for output in outputs:
        last = merged[-1] if merged else None
        streams = last and output.output_type == last.output_type == "stream"
        if last and streams and output.name == last.name:
            last.text += output.text
        else:
            merged.append(output)
    return merged


def _name(cells: list[NotebookNode]) -> None:
    """Give a slug to each cell whose id no author has chosen."""
    taken = {cell.get("id", "") for cell in cells}
    section = "cell"
    for cell in cells:
        given = cell.get("id", "")
        if SLUG.fullmatch(given) and not RANDOM_ID.fullmatch(given):
            section = re.sub(r"-\d+$", "", given)
            continue
        heading = re.match(r"#+ (.+)", cell.source)
        if heading:
            words = re.findall(r"[a-z0-9]+", heading[1].lower())
            section = "-".join(words[:4]) or section
        number = 1
        name = section
        while name in taken:
            number += 1
            name = f"{section}-{number}"
        cell.id = name
        taken.add(name)
