"""Write a class of generated students for the light lab, with what each of them is due.

Honest students write right answers, wrong ones, such that raise, or none; most have an
odd habit; some have copied. Among them are hostile cases of the corpus. With `--grade`
the class is graded, and each result compared with what is due.
"""

import argparse
import copy
import csv
import json
import re
import sys
import textwrap
from dataclasses import asdict, dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import yaml

from tests.hostile.corpus import HERE, Case, Notebook, cases, code, read
from tests.hostile.habits import HABITS

BLANK = "    # YOUR CODE HERE\n    raise NotImplementedError()"
STATES = ("right", "wrong", "raised", "left")
# Cases about honest accidents are not hostile; the habits stand for them.
HONEST = ("b", "n")
JOB = "train_on_rows"
COPIES = 0.04
KNOWN: dict[str, Any] = yaml.safe_load((HERE / "crowd.yaml").read_text())
RENAMED = {
    "program": "script",
    "archive": "bundle",
    "client": "sagemaker",
    "total": "amount",
    "flown": "valid",
    "kept": "left",
}


@dataclass(frozen=True)
class Class:
    """What class to write.

    Attributes:
        students: how many.
        hostile: the share of hostile ones.
        seed: draws the class.
        jobs: whether students solve the task that trains.
        odd: whether honest students have odd habits, and copy.
    """

    students: int
    hostile: float = 0.1
    seed: int = 1
    jobs: bool = True
    odd: bool = True


@dataclass
class Due:
    """What a student is due.

    Attributes:
        name: of the student.
        what: the case of the corpus, or the habit of an honest student.
        points: the least and the most.
        tasks: of an honest student, the points of each.
        rejected: a pattern of the reason why it is.
        copied: from which student.
    """

    name: str
    what: str
    points: tuple[int, int] = (0, 0)
    tasks: dict[str, int] = field(default_factory=dict)
    rejected: str = ""
    copied: str = ""


def write(chosen: Class, place: Path) -> dict[str, Due]:
    """Write a class: `submissions`, `roster.csv` and `due.json` below a folder.

    Returns:
        By student's id, which names the folder, what is due.
    """
    chance = Random(f"crowd {chosen.seed}")
    attacks = _attacks(chosen, chance)
    due: dict[str, Due] = {}
    written: dict[str, Notebook] = {}
    for number in range(chosen.students):
        student, name = f"s{number + 1:04}", _name(chance)
        folder = place / "submissions" / student
        if case := attacks.get(number):
            case.build(folder, _environment(place))
            due[student] = Due(name, case.name, case.points, rejected=case.rejected)
            continue
        if source := _source(due, chance) if chosen.odd else "":
            tasks, notebook = due[source].tasks, _copied(written[source])
        else:
            tasks, notebook = Student(chance, chosen.jobs).work()
        total = sum(tasks.values())
        due[student] = Due(name, "", (total, total), tasks, copied=source)
        written[student] = notebook
        folder.mkdir(parents=True)
        path = folder / "lab.ipynb"
        path.write_text(json.dumps(notebook))
        # the first one is the neighbour whose notebook is attacked
        if chosen.odd and number:
            due[student].what = chance.choice(list(HABITS))
            HABITS[due[student].what](path, chance)
    _listed(due, place)
    return due


class Student:
    """An honest student.

    Args:
        chance: draws what is answered.
        jobs: whether the task that trains is tried.
    """

    def __init__(self, chance: Random, jobs: bool) -> None:
        self.chance, self.jobs = chance, jobs
        self.skill = chance.betavariate(4, 2)

    def work(self) -> tuple[dict[str, int], Notebook]:
        """Give the points of each task, and the notebook."""
        notebook, points = read("lab"), {}
        for cell in notebook["cells"]:
            given = cell["metadata"].get("nbgrader", {})
            task, _, kind = given.get("grade_id", "").rpartition("_")
            if kind == "answer":
                state = self._state(task)
                if state != "left":
                    body = self._answer(KNOWN["answers"][task], state)
                    body = textwrap.indent(body, " " * 4).rstrip()
                    cell["source"] = cell["source"].replace(BLANK, body)
                    assert BLANK not in cell["source"]
            elif kind == "check":
                points[task] = given["points"] if state == "right" else 0
        return points, notebook

    def _state(self, task: str) -> str:
        if task == JOB and not self.jobs:
            return "left"
        others = (1 - self.skill) / 3
        weights = [self.skill, others, others, others]
        return self.chance.choices(STATES, weights)[0]

    def _answer(self, parts: dict[str, dict[str, list[str]]], state: str) -> str:
        spoiled = self.chance.choice([name for name in parts if state in parts[name]])
        texts = []
        for name, written in parts.items():
            kind = state if name == spoiled else "right"
            texts += [self._remark(), self.chance.choice(written[kind])]
        return "\n".join(texts)

    def _remark(self) -> str:
        """Give a line that no other student has."""
        said = " ".join(self.chance.choices(KNOWN["words"], k=3))
        number, other = (self.chance.randrange(10_000) for _ in range(2))
        return self.chance.choice(
            [
                f"print({said!r}, {number})",
                f"# {said}: {number}\nseen = [{number}, {other}, {said!r}]",
                f"assert {number} != {number + 1 + other}, {said!r}",
                f"step = ({said!r}, {number})\nprint(step, {other})",
            ]
        )


def _attacks(chosen: Class, chance: Random) -> dict[int, Case]:
    """Draw hostile cases, and the places among the students; the first is honest."""
    known = [each for each in cases() if not each.name.startswith(HONEST)]
    many = min(round(chosen.students * chosen.hostile), chosen.students - 1)
    drawn: list[Case] = []
    while len(drawn) < many:
        drawn += chance.sample(known, min(len(known), many - len(drawn)))
    places = chance.sample(range(1, chosen.students), many)
    return dict(zip(places, drawn, strict=True))


def _name(chance: Random) -> str:
    return " ".join(chance.choice(KNOWN[part]) for part in ("given", "family"))


def _environment(place: Path) -> dict[str, str]:
    submissions = place / "submissions"
    names = ("OUT", "HOME", "ADDRESS", "PORT")
    return {
        **dict.fromkeys(names, "/nowhere"),
        "ROOT": str(HERE.parents[1]),
        "CASES": str(submissions),
        "NEIGHBOUR": str(submissions / "s0001" / "lab.ipynb"),
    }


def _source(due: dict[str, Due], chance: Random) -> str:
    """Give a student who has solved much, to copy from; mostly nobody."""
    used = {each.copied for each in due.values()}
    able = [
        student
        for student, each in due.items()
        if each.tasks.get(JOB) and not each.copied and student not in used
    ]
    return chance.choice(able) if able and chance.random() < COPIES else ""


def _copied(notebook: Notebook) -> Notebook:
    """Copy somebody's work under other names, and with comments."""
    notebook = copy.deepcopy(notebook)
    for cell in notebook["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("solution"):
            for one, other in RENAMED.items():
                cell["source"] = re.sub(rf"(?<!\.)\b{one}\b", other, cell["source"])
            cell["source"] += "\n    # my own work"
    notebook["cells"].append(code("# the end", "end"))
    return notebook


def _listed(due: dict[str, Due], place: Path) -> None:
    with (place / "roster.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["id", "name"])
        rows.writerows((student, each.name) for student, each in due.items())
    text = {student: asdict(each) for student, each in due.items()}
    (place / "due.json").write_text(json.dumps(text, indent=1))


def main() -> int:
    """Write a class as the command line says; give 1 if a grade is not what is due."""
    from tests.hostile.crowd_graded import grade, shown

    parser = argparse.ArgumentParser(
        prog="python -m tests.hostile.crowd",
        description=__doc__,
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    add = parser.add_argument
    add("--students", type=int, default=200)
    add("--hostile", type=float, default=0.1, help="the share of hostile ones")
    add("--seed", type=int, default=1, help="draws the class")
    add("--no-jobs", action="store_true", help="leave the task that trains unsolved")
    add("--out", type=Path, required=True, help="a new folder")
    add("--grade", action="store_true", help="grade, and compare with what is due")
    add("--workers", type=int, default=2)
    given = parser.parse_args()
    if given.students < 2 or not 0 <= given.hostile < 1:
        parser.error("a class has two students or more, and --hostile is from 0 to 1")
    if given.out.exists() and any(given.out.iterdir()):
        parser.error(f"{given.out} is not empty: name a new folder")
    chosen = Class(given.students, given.hostile, given.seed, not given.no_jobs)
    due = write(chosen, given.out)
    return shown(due, grade(given.out, given.workers)) if given.grade else 0


if __name__ == "__main__":
    sys.exit(main())
