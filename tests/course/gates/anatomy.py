"""Gates on what a lesson and a lab consist of, cell by cell (R6, R7)."""

import re

from nbformat import NotebookNode

from helpers.authoring.manifest import Lab, Lesson
from tests.course.gates.cells import code_lines, is_graded, named, where

BULLET = re.compile(r"\((\d\.\d\.[KS]\d+(?:, \d\.\d\.[KS]\d+)*)\)$")
END = ["recap", "questions", "next", "cleanup"]


def aims(cell: NotebookNode) -> list[str]:
    return re.findall(r"^- (.+)$", cell.source, re.MULTILINE)


def key(lesson_id: str) -> str:
    """Give what a title begins with: 2.2b for 2_2b_built_in, 0.0 for lab_0_0."""
    return ".".join(re.findall(r"\d+[a-z]?", lesson_id)[:2])


def title(notebook: NotebookNode, lesson: Lesson) -> list[str]:
    cell = notebook.cells[0]
    if cell.id != "title" or cell.cell_type != "markdown":
        return ["the first cell is not the title"]
    text, listed = cell.source, aims(cell)
    wanted = {
        f"# {key(lesson.id)} · {lesson.title}": "the heading is not the manifest's",
        "**You will**": "no **You will**",
        f"{lesson.minutes} min · ": "the minutes are not the manifest's",
        "lab": "no link to the lab",
        "?": "no question",
    }
    complaints = [says for part, says in wanted.items() if part not in text]
    if not 3 <= len(listed) <= 5:
        complaints.append(f"{len(listed)} aims; 3 to 5 are right")
    named_bullets = [b for aim in listed for b in _bullets(aim)]
    if sorted(named_bullets) != sorted(lesson.bullets):
        complaints.append(f"names {named_bullets}, the manifest {[*lesson.bullets]}")
    return [f"{where(notebook, cell)}: {complaint}" for complaint in complaints]


def _bullets(aim: str) -> list[str]:
    found = BULLET.search(aim)
    return found[1].split(", ") if found else []


def setup(notebook: NotebookNode, most: int = 3) -> list[str]:
    cell = named(notebook, "setup")
    if cell is None or cell.cell_type != "code":
        return ["no cell setup"]
    complaints = []
    if len(code_lines(cell)) > most:
        complaints.append(f"cell setup: more than {most} lines")
    if "cloud.start()" not in cell.source:
        complaints.append("cell setup: does not start the cloud")
    return complaints


def problem(notebook: NotebookNode) -> list[str]:
    cell = named(notebook, "problem")
    if cell is None or notebook.cells.index(cell) > 3:
        return ["no cell problem near the beginning"]
    heading = cell.source.startswith("## The problem")
    number = re.search(r"\d", cell.source)
    return [] if heading and number else ["cell problem: no heading, or no number"]


def rhythm(notebook: NotebookNode) -> list[str]:
    """Ask for prose between ideas: three code cells in a row are too many."""
    complaints, row = [], 0
    for cell in notebook.cells:
        row = row + 1 if cell.cell_type == "code" else 0
        if row == 3:
            complaints.append(f"{where(notebook, cell)}: the third code cell in a row")
    return complaints


def exam_notes(notebook: NotebookNode, least: int) -> list[str]:
    notes = [cell for cell in notebook.cells if re.fullmatch(r"exam-\d", cell.id)]
    complaints = [
        f"{where(notebook, cell)}: does not begin with > **On the exam.**"
        for cell in notes
        if not cell.source.startswith("> **On the exam.** ")
    ]
    if not least <= len(notes) <= 3:
        complaints.append(f"{len(notes)} notes on the exam; {least} to 3 are right")
    return complaints


def failure(notebook: NotebookNode) -> list[str]:
    """Ask for one deliberate failure, which shows AWS's error code."""
    wrong = [
        c for c in notebook.cells if "raises-exception" in c.metadata.get("tags", [])
    ]
    if [cell.id for cell in wrong] != ["wrong-1"]:
        return [f"deliberate failures: {[c.id for c in wrong]}, not one wrong-1"]
    errors = [out for out in wrong[0].outputs if out.output_type == "error"]
    if len(errors) == 1 and re.match(r"An error occurred \(\w+\)", errors[0].evalue):
        return []
    return [f"{where(notebook, wrong[0])}: stores no error of AWS"]


def choice(notebook: NotebookNode) -> list[str]:
    cell = named(notebook, "choose")
    if cell is None or not cell.source.startswith("## Which one, when"):
        return ["no cell choose with ## Which one, when"]
    tables = [line for line in cell.source.splitlines() if line.startswith("|")]
    if len(tables) < 4 or tables[0].count("|") != 5:
        return ["cell choose: no table of option, choose when, limit, price driver"]
    return []


def ending(notebook: NotebookNode) -> list[str]:
    order = [cell.id for cell in notebook.cells if cell.id in END]
    complaints = [] if order == END else [f"ends with {order}, not {END}"]
    last = notebook.cells[-1]
    if last.id != "cleanup" or last.cell_type != "code":
        complaints.append("the last cell is not the code cell cleanup")
    return complaints


def recap(notebook: NotebookNode) -> list[str]:
    cell = named(notebook, "recap")
    if cell is None or not cell.source.startswith("## Recap"):
        return ["no cell recap with ## Recap"]
    opened, closed = aims(notebook.cells[0]), aims(cell)
    if len(opened) != len(closed):
        return [f"{len(opened)} aims opened, {len(closed)} closed"]
    pairs = zip(map(_bullets, opened), map(_bullets, closed), strict=True)
    if any(late and early != late for early, late in pairs):
        return ["the recap does not close the aims in their order"]
    return []


def questions(notebook: NotebookNode) -> list[str]:
    cell = named(notebook, "questions")
    if cell is None or not cell.source.startswith("## Check yourself"):
        return ["no cell questions with ## Check yourself"]
    asked = len(re.findall(r"^\d+\. ", cell.source, re.MULTILINE))
    answered = cell.source.count("<details>")
    if asked == answered == cell.source.count("</details>") and 3 <= asked <= 5:
        return []
    return [
        f"cell questions: {asked} questions, {answered} answers; 3 to 5, each folded"
    ]


def outlook(notebook: NotebookNode) -> list[str]:
    cell = named(notebook, "next")
    return [] if cell and "](" in cell.source else ["no cell next with links"]


def lab_tasks(notebook: NotebookNode, lab: Lab) -> list[str]:
    """Ask for goal, answer, try and check of each task, with its points."""
    complaints = []
    ids = [cell.id for cell in notebook.cells]
    for task in lab.tasks:
        slug = task.name.replace("_", "-")
        wanted = [slug, f"{slug}-answer", f"{slug}-try", f"{slug}-check"]
        if [each for each in ids if each in wanted] != wanted:
            complaints.append(
                f"task {task.name}: cells {wanted} are not there in order"
            )
            continue
        goal, answer, _, check = (named(notebook, each) for each in wanted)
        if f"({task.points} points)" not in goal.source.splitlines()[0]:
            complaints.append(f"task {task.name}: the heading gives other points")
        if "<details><summary>Hint</summary>" not in goal.source:
            complaints.append(f"task {task.name}: no folded hint")
        if f"def {task.name}(" not in answer.source or '"""' not in answer.source:
            complaints.append(f"task {task.name}: no function with a docstring")
        if not answer.metadata.get("nbgrader", {}).get("solution"):
            complaints.append(f"task {task.name}: the answer is no solution cell")
        if not is_graded(check) or check.metadata.nbgrader.points != task.points:
            complaints.append(f"task {task.name}: the check gives other points")
    graded = [cell.id for cell in notebook.cells if is_graded(cell)]
    if len(graded) != len(lab.tasks):
        complaints.append(f"graded cells {graded} are not the manifest's tasks")
    return complaints


def solution_marks(notebook: NotebookNode) -> list[str]:
    answers = [
        c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("solution")
    ]
    return [
        f"{where(notebook, cell)}: no body between # BEGIN SOLUTION and # END SOLUTION"
        for cell in answers
        if not re.search(r"# BEGIN SOLUTION\n(.|\n)+# END SOLUTION", cell.source)
    ]


def parameters(notebook: NotebookNode) -> list[str]:
    tagged = [c for c in notebook.cells if "parameters" in c.metadata.get("tags", [])]
    if len(tagged) == 1 and re.fullmatch(r"seed = \d+", tagged[0].source):
        return []
    return ["no single cell tagged parameters that holds seed = …"]
