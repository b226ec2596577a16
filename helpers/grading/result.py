"""The result of one submission: a line of `results.jsonl`.

What comes from a submission stands in it raw: who shows it escapes it.
"""

from dataclasses import asdict, dataclass, field
from typing import Any

from helpers.grading.lab import Lab, Task

JSON = dict[str, Any]
LONGEST = 2_000
OUTPUT = 4_096
SOURCE = 20_000
GRADED, REJECTED, INFRASTRUCTURE = "graded", "rejected", "infrastructure"
PASSED, FAILED, ERROR = "passed", "failed", "error"
UNSOLVED, STOPPED = "unsolved", "stopped"


@dataclass
class TaskResult:
    """What one task has earned, and why.

    Attributes:
        task: its name.
        title: its heading.
        goal: what it asks, in the words of the lab.
        points: what was earned: all or nothing.
        maximum: what could be earned.
        bullets: of the exam.
        state: passed; failed by the verdict; error, if the answer or its evidence
            raised; unsolved, if there is no answer; stopped, if it had to be.
        asked: what the verdict asked; may hold expected values.
        found: what was found instead.
        look: where to look.
    """

    task: str
    title: str
    goal: str
    points: int
    maximum: int
    bullets: list[str]
    state: str = UNSOLVED
    asked: str = ""
    found: str = ""
    look: str = ""

    @classmethod
    def of(cls, task: Task, state: str, **words: str) -> "TaskResult":
        """Make the result of a task; long words are cut."""
        cut = {name: str(word)[:LONGEST] for name, word in words.items()}
        points = task.points if state == PASSED else 0
        fixed = (task.name, task.title, task.goal, points, task.points)
        return cls(*fixed, list(task.bullets), state, **cut)


@dataclass
class Result:
    """What one submission has earned."""

    submission: str
    student: str
    name: str
    file: str
    lab: str
    verdict: str
    isolation: str = "full"
    points: int = 0
    maximum: int = 0
    tasks: list[TaskResult] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    rejection: JSON | None = None
    runs: int = 0
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    memory_mb: int = 0
    output: str = ""
    sources: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, work: JSON, lab: Lab, verdict: str = GRADED) -> "Result":
        """Make the result of a submission that has earned nothing so far."""
        who = {key: str(work[key]) for key in ("submission", "student", "name", "file")}
        notes = [str(note) for note in work.get("notes", [])]
        tasks = [TaskResult.of(task, UNSOLVED) for task in lab.tasks]
        fixed = {"lab": lab.name, "maximum": lab.maximum, "verdict": verdict}
        found = cls(**who, **fixed, notes=notes, tasks=tasks)
        for cell in work.get("cells", []):
            if cell["kind"] == "answer" and cell["task"]:
                before = found.sources.get(cell["task"], "")
                text = f"{before}\n\n{cell['source']}".strip()
                found.sources[cell["task"]] = text[:SOURCE]
        return found

    @classmethod
    def rejected(cls, who: JSON, lab: Lab, rejection: JSON) -> "Result":
        """Make the result of a submission that cannot be graded.

        Args:
            who: submission, student, name and file.
            lab: what it was handed in for.
            rejection: file, reason and the next step.
        """
        found = cls.of(who, lab, REJECTED)
        found.rejection = rejection
        return found

    def document(self) -> JSON:
        """Give it as JSON."""
        return asdict(self)
