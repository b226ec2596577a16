"""Odd habits of honest students: none of them costs a point."""

import json
from collections.abc import Callable
from pathlib import Path
from random import Random

from tests.hostile.corpus import Notebook, code

CELLS = {
    "stderr": "import sys\nprint('to do: tidy up', file=sys.stderr)",
    "warnings": "import warnings\nwarnings.warn('not so sure about this')",
    "chdir": "import os, tempfile\nos.chdir(tempfile.mkdtemp())",
    "helper": "def half(number):\n    return number / 2\n\n\nhalf(3)",
    "shadowed": "max, all, id = 7, [], 'me'",
    "exploration": "pd.DataFrame({'a': [1]})['b']",
    "magics": "%matplotlib inline\n!ls",
    "logging": "import logging\nlogging.basicConfig(level=logging.INFO)",
    "files": "open('notes.txt', 'w').write('remember the milk')",
    "display": "pd.set_option('display.max_rows', 3)\npd.DataFrame({'a': range(9)})",
    "unfinished": "for each in range(3)\n    pass",
}


def _inserted(source: str) -> Callable[[Path, Random], None]:
    def change(path: Path, chance: Random) -> None:
        notebook = json.loads(path.read_text())
        answers = [at for at, cell in enumerate(notebook["cells"]) if _solution(cell)]
        notebook["cells"].insert(chance.choice(answers), code(source, "own"))
        path.write_text(json.dumps(notebook))

    return change


def _solution(cell: Notebook) -> bool:
    return bool(cell["metadata"].get("nbgrader", {}).get("solution"))


def _each_cell(change: Callable[[Notebook], list[Notebook]]) -> Callable[..., None]:
    def changed(path: Path, _: Random) -> None:
        notebook = json.loads(path.read_text())
        cells = notebook["cells"]
        notebook["cells"] = [one for cell in cells for one in change(cell)]
        path.write_text(json.dumps(notebook))

    return changed


def _executed(cell: Notebook) -> list[Notebook]:
    shown = {"output_type": "stream", "name": "stdout", "text": ["an old output\n"]}
    ran = {"outputs": [shown], "execution_count": 7}
    return [cell | ran if cell["cell_type"] == "code" else cell]


def _without_metadata(cell: Notebook) -> list[Notebook]:
    return [cell | {"metadata": {}}]


def _doubled_answers(cell: Notebook) -> list[Notebook]:
    twin = cell | {"id": f"{cell['id']}-2"}
    return [cell, twin] if _solution(cell) else [cell]


def _doubled_checks(cell: Notebook) -> list[Notebook]:
    twin = cell | {"id": f"{cell['id']}-2"}
    return [cell, twin] if cell["source"].startswith("check(") else [cell]


def _renamed(path: Path, _: Random) -> None:
    path.rename(path.with_name("lab final (2).ipynb"))


def _marked(path: Path, _: Random) -> None:
    path.write_text(path.read_text(), encoding="utf-8-sig")


def _cleared(path: Path, _: Random) -> None:
    """Leave it as it is: a notebook that was never run."""


HABITS: dict[str, Callable[[Path, Random], None]] = {
    **{name: _inserted(source) for name, source in CELLS.items()},
    "old outputs": _each_cell(_executed),
    "metadata lost": _each_cell(_without_metadata),
    "answers twice": _each_cell(_doubled_answers),
    "checks twice": _each_cell(_doubled_checks),
    "renamed": _renamed,
    "byte order mark": _marked,
    "cleared": _cleared,
}
