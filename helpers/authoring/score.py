"""Read the points off an executed lab, by nbgrader's rules and without its database."""

from dataclasses import dataclass

from nbformat import NotebookNode


@dataclass(frozen=True)
class Score:
    """The result of one graded cell.

    Attributes:
        task: its name, the `grade_id` without `_check`.
        points: what was earned: all or nothing.
        maximum: what could be earned.
        cause: why nothing was earned, in one line; empty if all was.
        error: the class of the exception; empty if there was none.
    """

    task: str
    points: int
    maximum: int
    cause: str = ""
    error: str = ""


def scores(notebook: NotebookNode) -> list[Score]:
    """Give the score of each graded cell of an executed notebook.

    As in nbgrader a cell earns nothing if it raised, wrote to stderr, or never ran.
    """
    cells = [cell for cell in notebook.cells if grading(cell).get("grade")]
    return [_score(cell) for cell in cells]


def grading(cell: NotebookNode) -> dict:
    """Give nbgrader's metadata of a cell, empty if it has none."""
    return cell.metadata.get("nbgrader", {})


def total(results: list[Score]) -> str:
    """Say points of maximum, such as `70/100`."""
    earned = sum(score.points for score in results)
    return f"{earned}/{sum(score.maximum for score in results)}"


def _score(cell: NotebookNode) -> Score:
    given = grading(cell)
    task, maximum = given["grade_id"].removesuffix("_check"), int(given["points"])
    if cell.execution_count is None:
        return Score(task, 0, maximum, "the cell did not run")
    for output in cell.outputs:
        if output.output_type == "error":
            cause = f"{output.ename}: {output.evalue}".strip(": ")
            return Score(task, 0, maximum, cause, output.ename)
        if output.output_type == "stream" and output.name == "stderr":
            return Score(task, 0, maximum, f"wrote to stderr: {output.text.strip()}")
    return Score(task, maximum, maximum)
