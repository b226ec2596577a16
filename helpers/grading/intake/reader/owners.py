"""Who handed in what, from the metadata that Gradescope adds to its export."""

import json
import re
from typing import Any, BinaryIO

FILE = "submission_metadata.yml"

# Ruby's writer of YAML always indents so; a line that differs is no field of a person.
_FOLDER = re.compile(r"^(submission_\w+|[^\s:#-][^:]*\.ipynb):\s*$")
_HEX = re.compile(r"\\x([0-9A-Fa-f]{2})")
_FIELD = re.compile(r"^  (?:- |  ):(name|sid|email): (.+)$")


def owners(file: BinaryIO) -> dict[str, list[dict[str, str]]]:
    """Give the submitters of each folder of the export: `name`, `sid`, `email`.

    The results that the file also holds are passed over: they are long, and partly the
    students' own.
    """
    found: dict[str, list[dict[str, str]]] = {}
    people, inside = [], False
    for line in file.read().decode("utf-8", "replace").splitlines():
        folder, field = _FOLDER.match(line), _FIELD.match(line)
        if folder:
            people = found.setdefault(folder[1], [])
        elif line.startswith("  :"):
            inside = line.rstrip() == "  :submitters:"
        elif field and inside:
            if line.startswith("  - "):
                people.append({})
            if people:
                people[-1][field[1]] = _scalar(field[2].strip())
    return found


def _scalar(text: str) -> str:
    if len(text) > 1 and text[0] == text[-1] == "'":
        return text[1:-1].replace("''", "'")
    if len(text) > 1 and text[0] == text[-1] == '"':
        try:
            said: Any = json.loads(_HEX.sub(r"\\u00\1", text))
        except ValueError:
            return text[1:-1]
        return str(said)
    return "" if text in ("null", "~") else text
