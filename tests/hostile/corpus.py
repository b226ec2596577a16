"""Build the submission of each case from the right solution of the light lab.

A case is a folder of `cases`:

- `case.yaml`: `about`, and the expected verdict: `points`, the least and the most of
  ten, or `rejected`, a pattern of the reason. `unsolved` names tasks that stay as
  released, `drop: [check]` takes the checks' cells out.
- `cell.py`: a cell that runs before the tasks. It takes the place of the answers that
  it defines.
- `<task>.py`: a task's answer. `script.py`: the training script of an answer that is
  else right; `archive.py`: fills `tar`, its source archive.
- `submitted/`: files beside the notebook.
- `make.py`: `change(notebook)` gives another notebook; `place(folder, environment)`
  changes the files of the submission.
"""

import copy
import json
import re
import runpy
import shutil
import textwrap
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent
LAB = HERE / "lab"
JOBS = {"script", "archive"}
SCRIPT = """
script = {!r}
member = tarfile.TarInfo("train.py")
member.size = len(script)
tar.addfile(member, io.BytesIO(script.encode()))
"""
Notebook = dict[str, Any]


@dataclass(frozen=True)
class Case:
    """One hostile, broken or odd submission, and its safe verdict."""

    folder: Path
    about: str
    points: tuple[int, int] = (0, 0)
    rejected: str = ""
    unsolved: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Give the name of its folder."""
        return self.folder.name

    def build(self, folder: Path, environment: dict[str, str]) -> None:
        """Write the submission.

        Args:
            folder: of the submission; made here.
            environment: what stands for `{{NAME}}` in the case's files.
        """
        folder.mkdir(parents=True)
        made = self._run("make.py")
        notebook = self._notebook(environment)
        notebook = made.get("change", lambda same: same)(notebook)
        write(notebook, folder)
        if (self.folder / "submitted").exists():
            shutil.copytree(self.folder / "submitted", folder, dirs_exist_ok=True)
        if "place" in made:
            made["place"](folder, environment)

    def _run(self, name: str) -> dict[str, Any]:
        path = self.folder / name
        return runpy.run_path(str(path)) if path.exists() else {}

    def _notebook(self, environment: dict[str, str]) -> Notebook:
        texts = {
            path.stem: _filled(path.read_text(), environment)
            for path in self.folder.glob("*.py")
            if path.stem != "make"
        }
        for name in JOBS & texts.keys():
            texts["train_on_rows"] = _job(name, texts.pop(name))
        first = texts.pop("cell", "")
        released = read("lab")["cells"]
        notebook = read("solution")
        cells = []
        for cell, blank in zip(notebook["cells"], released, strict=True):
            task = _task(cell)
            if task in texts:
                cell["source"] = texts.pop(task)
            elif task in self.unsolved:
                cell = blank
                if f"def {task}(" in first:
                    continue
            if "check" in self.drop and cell["source"].startswith("check("):
                continue
            cells.append(cell)
            if cell["id"] == "given-names" and first:
                cells.append(code(first, "hostile"))
        assert not texts, f"{self.name}: no such task: {', '.join(texts)}"
        return notebook | {"cells": cells}


def cases() -> list[Case]:
    """Give all cases, in order."""
    return [_case(path) for path in sorted((HERE / "cases").iterdir())]


def read(name: str) -> Notebook:
    """Give a notebook of the light lab, with each source as one text."""
    notebook = json.loads((LAB / f"{name}.ipynb").read_text())
    for cell in notebook["cells"]:
        cell["source"] = "".join(cell["source"])
    return notebook


def write(notebook: Notebook, folder: Path) -> None:
    """Write a notebook as a student hands it in."""
    (folder / "lab.ipynb").write_text(json.dumps(notebook))


def right(mark: str) -> Notebook:
    """Give the solution with a mark in it that nobody else may see."""
    notebook = copy.deepcopy(read("solution"))
    notebook["cells"].insert(3, code(f"mine = '{mark}'", "mine"))
    return notebook


def code(source: str, name: str) -> Notebook:
    """Give a code cell."""
    return {
        "cell_type": "code",
        "execution_count": None,
        "id": name,
        "metadata": {},
        "outputs": [],
        "source": source,
    }


def _case(folder: Path) -> Case:
    given = yaml.safe_load((folder / "case.yaml").read_text())
    if given.get("unsolved") == "all":
        given["unsolved"] = filter(None, map(_task, read("lab")["cells"]))
    lists = {
        key: tuple(given[key]) for key in ("points", "unsolved", "drop") if key in given
    }
    return Case(folder, **given | lists)


def _job(name: str, text: str) -> str:
    """Give the answer that trains with a script, or with a source archive."""
    members = SCRIPT.format(text) if name == "script" else text
    answer = (HERE / "job.txt").read_text()
    return answer.replace("        # MEMBERS\n", textwrap.indent(members, " " * 8))


def _task(cell: Notebook) -> str:
    name = cell["metadata"].get("nbgrader", {}).get("grade_id", "")
    return name.removesuffix("_answer") if name.endswith("_answer") else ""


def _filled(text: str, environment: dict[str, str]) -> str:
    def known(found: re.Match[str]) -> str:
        return environment.get(found[1], found[0])

    text = text.replace("{{LOOT}}", (HERE / "loot.txt").read_text())
    return re.sub(r"\{\{(\w+)\}\}", known, text)
