"""Gates on how a notebook is stored, and how long it is (R22, R23, the bars)."""

import base64
import re
import statistics
from pathlib import Path

from nbformat import NotebookNode

from helpers.authoring import tidy
from tests.course.gates.cells import code_cells, code_lines, prose_cells, where, words

TAGS = {"raises-exception", "nbval-ignore-output", "parameters"}
KIB = 1024
PLACES = re.compile(r"/(home|Users|root|tmp|var|private|opt/homebrew)/\w|site-packages")
LESSON_CELLS = (15, 64)
PROSE_SHARE = (0.40, 0.65)


def canonical(path: Path) -> list[str]:
    if path.read_bytes() == tidy.dumps(tidy.read(path)).encode():
        return []
    return ["is not in canonical form: run make tidy"]


def ids(notebook: NotebookNode) -> list[str]:
    given = [cell.id for cell in notebook.cells]
    twice = sorted({each for each in given if given.count(each) > 1})
    bad = [
        each
        for each in given
        if not tidy.SLUG.fullmatch(each) or tidy.RANDOM_ID.fullmatch(each)
    ]
    return [f"id {each}: not a slug that an author chose" for each in bad] + [
        f"id {each}: given twice" for each in twice
    ]


def tags(notebook: NotebookNode) -> list[str]:
    given = [
        (cell, tag) for cell in notebook.cells for tag in cell.metadata.get("tags", [])
    ]
    ignored = [cell for cell, tag in given if tag == "nbval-ignore-output"]
    return [
        f"{where(notebook, cell)}: unknown tag {tag}"
        for cell, tag in given
        if tag not in TAGS
    ] + ["nbval-ignore-output more than once"] * (len(ignored) > 1)


def counts(notebook: NotebookNode) -> list[str]:
    given = [cell.execution_count for cell in code_cells(notebook)]
    if given == list(range(1, len(given) + 1)):
        return []
    return [f"counts are {given}, not 1 to {len(given)}: run make outputs"]


def unexecuted(notebook: NotebookNode) -> list[str]:
    cells = code_cells(notebook)
    kept = [cell for cell in cells if cell.outputs or cell.execution_count is not None]
    return [f"{where(notebook, cell)}: holds outputs: run make labs" for cell in kept]


def streams(notebook: NotebookNode) -> list[str]:
    return [
        f"{where(notebook, cell)}: writes to stderr: {output.text[:80]!r}"
        for cell in code_cells(notebook)
        for output in cell.outputs
        if output.output_type == "stream" and output.name == "stderr"
    ]


def outputs(notebook: NotebookNode) -> list[str]:
    """Refuse machine paths, terminal colours, widgets and long frames in outputs."""
    complaints = []
    for cell in code_cells(notebook):
        text = str(cell.outputs)
        if PLACES.search(text) or "\\x1b[" in text:
            complaints.append(
                f"{where(notebook, cell)}: shows a machine path or colours"
            )
        if "widget-view" in text:
            complaints.append(f"{where(notebook, cell)}: shows a widget")
        if text.count("<tr") > 9:
            complaints.append(f"{where(notebook, cell)}: a frame of more than 8 rows")
    return complaints


def figures(notebook: NotebookNode) -> list[str]:
    """Refuse figures that are missing, too many, too large, or silent."""
    complaints, count = [], 0
    for cell in code_cells(notebook):
        drawn = [
            output for output in cell.outputs if "image/png" in output.get("data", {})
        ]
        count += len(drawn)
        draws = re.search(r"show\.(chart|steps)\(", cell.source)
        if draws and not drawn:
            complaints.append(f"{where(notebook, cell)}: draws, but stores no PNG")
        for output in drawn:
            size = len(base64.b64decode(output.data["image/png"]))
            if size > 40 * KIB:
                complaints.append(
                    f"{where(notebook, cell)}: a PNG of {size // KIB} KiB"
                )
            if len(output.data.get("text/plain", "").split()) < 5:
                complaints.append(
                    f"{where(notebook, cell)}: a figure without words (alt)"
                )
    if count > 3:
        complaints.append(f"{count} figures; at most 3")
    return complaints


def has_figure(notebook: NotebookNode) -> list[str]:
    return [] if "image/png" in str(notebook.cells) else ["no figure at all"]


def size(path: Path) -> list[str]:
    kib = path.stat().st_size / KIB
    return [] if kib <= 200 else [f"{kib:.0f} KiB; at most 200"]


def length(notebook: NotebookNode) -> list[str]:
    low, high = LESSON_CELLS
    count = len(notebook.cells)
    return [] if low <= count <= high else [f"{count} cells; {low} to {high} are right"]


def prose_share(notebook: NotebookNode) -> list[str]:
    low, high = PROSE_SHARE
    share = len(prose_cells(notebook)) / len(notebook.cells)
    return (
        []
        if low <= share <= high
        else [f"{share:.0%} prose cells; {low:.0%}-{high:.0%}"]
    )


def cell_lines(notebook: NotebookNode) -> list[str]:
    lines = {cell.id: len(code_lines(cell)) for cell in code_cells(notebook)}
    long = [
        f"cell {name}: {n} lines; at most 30" for name, n in lines.items() if n > 30
    ]
    median = statistics.median(lines.values())
    return long + (
        [f"the median code cell has {median} lines; at most 8"] * (median > 8)
    )


def words_per_line(notebook: NotebookNode) -> list[str]:
    ratio = density(notebook)
    return [] if ratio >= 5 else [f"{ratio:.1f} words of prose a code line; at least 5"]


def density(notebook: NotebookNode) -> float:
    said = sum(words(cell) for cell in prose_cells(notebook))
    return said / max(1, sum(len(code_lines(cell)) for cell in code_cells(notebook)))
