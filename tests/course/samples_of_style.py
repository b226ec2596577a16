"""A small lesson and a small lab that break no rule: the gates' tests spoil them."""

import base64

from nbformat import NotebookNode
from nbformat.v4 import (
    new_code_cell,
    new_markdown_cell,
    new_notebook,
    new_output,
)

from helpers.authoring.manifest import Lab, Lesson, Task

LESSON = Lesson(
    id="1_1a_formats",
    title="Six formats",
    minutes=20,
    status="ready",
    bullets=("1.1.K1", "1.1.S2"),
    services=(),
)
LAB = Lab(
    id="lab_1_1",
    title="Land it",
    minutes=30,
    status="ready",
    tasks=(Task("land_raw", 100, ("1.1.K1",)),),
    notes={},
)
TALK = "You read this line because it explains what the next cell is about to show."
TITLE = """# 1.1a · Six formats

Which format do readers want?

**You will**
- name what a reader pays (1.1.K1)
- choose a format (1.1.S2)
- see one bill

20 min · no AWS account needed · lab: 1.1"""
ANSWER = "<details><summary>Answer</summary>\n\nBecause.\n</details>"
QUESTIONS = "## Check yourself\n" + "".join(
    f"\n{n}. Why? Which?\n\n{ANSWER}\n" for n in (1, 2, 3)
)
CHOICE = """## Which one, when

| option | choose when | limit | price driver |
|---|---|---|---|
| CSV | people read | slow | bytes |
| Parquet | programs read | one writer | columns |"""
ERROR = "An error occurred (NoSuchKey) when calling the GetObject operation: none."


def prose(name: str, text: str) -> NotebookNode:
    return new_markdown_cell(text, id=name)


def program(name: str, text: str, *outputs: NotebookNode, tags=()) -> NotebookNode:
    metadata = {"tags": list(tags)} if tags else {}
    return new_code_cell(text, id=name, outputs=list(outputs), metadata=metadata)


def counted(cells: list[NotebookNode]) -> NotebookNode:
    codes = [cell for cell in cells if cell.cell_type == "code"]
    for number, cell in enumerate(codes, 1):
        cell.execution_count = number
    return new_notebook(cells=cells)


def picture(
    size: int = 100, text: str = "Bars that rise from one to six"
) -> NotebookNode:
    png = base64.b64encode(bytes(size)).decode()
    return new_output("display_data", data={"image/png": png, "text/plain": text})


def lesson() -> NotebookNode:
    """Give a lesson as `LESSON` describes it, which breaks no rule."""
    failure = new_output("error", ename="ClientError", evalue=ERROR, traceback=[])
    drawing = 'with show.chart("Bytes", alt="…") as axes:\n    axes.plot([1])'
    return counted(
        [
            prose("title", TITLE),
            program("setup", "from helpers import cloud, show\n\ncloud.start()"),
            prose(
                "problem", "## The problem\n\nThe desk pays for 31 megabytes.\n" + TALK
            ),
            program("problem-rows", "31 / 5"),
            prose("bytes", TALK),
            program("bytes-drawn", drawing, picture()),
            prose("bytes-seen", TALK),
            prose("exam-1", "> **On the exam.** Columns decide."),
            prose("wrong", TALK),
            program("wrong-1", "get()", failure, tags=["raises-exception"]),
            prose("choose", CHOICE),
            program("choose-count", "len('ab')"),
            prose(
                "recap", "## Recap\n\n- You named it.\n- You chose one.\n- You saw it."
            ),
            prose("questions", QUESTIONS),
            prose("next", "## Next\n\n- [The exam guide](https://aws.amazon.com)"),
            program("end", "1 + 1"),
            program("cleanup", "cloud.status()"),
        ]
    )


def solution() -> NotebookNode:
    """Give a solution as `LAB` describes it, which breaks no rule."""
    goal = "## Task 1 · Land it (100 points)\n\nPut it there.\n\n"
    hint = "<details><summary>Hint</summary>\n\nLook.\n</details>"
    answer = (
        'def land_raw():\n    """Land it."""\n'
        "    # BEGIN SOLUTION\n    return 1\n    # END SOLUTION"
    )
    cells = [
        prose("title", "# Lab 1.1 · Land it"),
        program("parameters", "seed = 13", tags=["parameters"]),
        program("setup", "from helpers import check, cloud\n\ncloud.start()"),
        prose("land-raw", goal + hint),
        program("land-raw-answer", answer),
        program("land-raw-try", "land_raw()"),
        program("land-raw-check", 'check("land_raw", land_raw)'),
    ]
    grading = {"schema_version": 3, "task": False}
    cells[4].metadata["nbgrader"] = {
        **grading,
        **{"grade": False, "solution": True, "locked": False},
        "grade_id": "land_raw_answer",
    }
    cells[6].metadata["nbgrader"] = {
        **grading,
        **{"grade": True, "solution": False, "locked": True},
        "grade_id": "land_raw_check",
        "points": 100,
    }
    return counted(cells)
