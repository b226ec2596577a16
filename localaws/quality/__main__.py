"""Runs what a folder's `plan.json` asks for: `python -m localaws.quality FOLDER`.

The plan names rulesets, or none for a recommendation; the reason of a failure goes
into `error.txt`, what was found into `result.json`.
"""

import datetime as dt
import json
import sys
from pathlib import Path
from typing import Any

import duckdb

from localaws.lake.errors import QueryError
from localaws.lake.plan import Plan
from localaws.quality.dataset import Dataset
from localaws.quality.errors import ERROR, PLAN, RESULT, RunEnded
from localaws.quality.evaluate import Evaluator, row_count
from localaws.quality.grammar import parse
from localaws.quality.recommend import recommended


def main(folder: Path) -> int:
    """Do it, and return the exit code."""
    try:
        found = run(json.loads((folder / PLAN).read_text(encoding="utf-8")), folder)
    except (QueryError, RunEnded) as error:
        (folder / ERROR).write_text(str(error), encoding="utf-8")
        return 1
    except duckdb.Error as error:
        said = str(error).partition("\n")[0]
        (folder / ERROR).write_text(said, encoding="utf-8")
        return 1
    (folder / RESULT).write_text(json.dumps(found), encoding="utf-8")
    return 0


def run(plan: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Evaluate rulesets, or recommend one.

    Raises:
        RunEnded: The run cannot go on.
        QueryError: The data cannot be read.
    """
    given = {"sql": "", "database": "", "now": plan["now"], "tables": plan["tables"]}
    tables = {one.name: one for one in Plan.read(given).tables}
    data = Dataset(folder, tables)
    for source in plan["sources"]:
        data.load(source["alias"], source["table"], source["predicate"])
    if not plan["rulesets"]:
        text = recommended(data)
        print(text, flush=True)
        return {"recommended": text}
    now = dt.datetime.fromisoformat(plan["now"]).astimezone(dt.UTC)
    evaluator = Evaluator(data, now, by_row=plan["by_row"])
    results = [evaluator.results(parse(one)) for one in plan["rulesets"]]
    for rule in (one for found in results for one in found):
        print(rule["result"], rule["text"], flush=True)
    return {"rows": row_count(data), "results": results}


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
