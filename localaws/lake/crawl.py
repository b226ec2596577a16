"""Reads what a crawler crawls: `python -m localaws.lake.crawl FOLDER`.

The folder holds `plan.json` with roots (address, files), classifiers and combine. What
comes of it is `answer.json`: the tables that were found, with their partitions.
"""

import json
import sys
from pathlib import Path
from typing import Any

from localaws.lake import grouping
from localaws.lake.classify import HEAD, Found, classify, needs_all
from localaws.lake.errors import QueryError
from localaws.lake.fetching import bring
from localaws.lake.grouping import Group, Leaf
from localaws.lake.plan import File

_BATCH = 64


def main(folder: Path) -> None:
    """Answer the plan of a folder."""
    plan = json.loads((folder / "plan.json").read_text())
    try:
        answer = run(plan, folder)
    except QueryError as error:
        answer = {"error": error.message}
    (folder / "answer.json").write_text(json.dumps(answer))


def run(plan: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Return the tables of each root, and the files that no classifier knows."""
    tables, unknown = [], []
    for root in plan["roots"]:
        leaves = []
        files = [File(**file) for file in root["files"]]
        for start in range(0, len(files), _BATCH):
            leaves += _read(files[start : start + _BATCH], plan["classifiers"], folder)
        known = [one for one in leaves if one.found.classification != "UNKNOWN"]
        unknown += [one.uri for one in leaves if one not in known]
        groups = grouping.tables(root["uri"], known, combine=plan["combine"])
        tables += [_described(group) for group in groups]
    return {"tables": tables, "unknown": unknown}


def _read(files: list[File], classifiers: list[Any], folder: Path) -> list[Leaf]:
    paths = [folder / f"file-{number}" for number in range(len(files))]
    jobs = list(zip(files, paths, strict=True))
    bring(jobs, HEAD)
    bring(
        [
            (file, path)
            for file, path in jobs
            if file.size > HEAD and needs_all(path.read_bytes()[:8])
        ]
    )
    return [
        Leaf(file.uri, file.size, classify(path, classifiers)) for file, path in jobs
    ]


def _described(group: Group) -> dict[str, Any]:
    names, partitions = grouping.keys(group)
    first = group.leaves[0].found
    return {
        "uri": group.uri,
        "name": grouping.table_name(group.uri),
        "classification": first.classification,
        "compression": first.compression,
        "parameters": first.parameters,
        "columns": group.columns,
        "keys": names,
        **_figures(group.leaves),
        "partitions": [
            {
                "values": list(values),
                "uri": grouping.folder(group, leaves[0]),
                "columns": grouping.merged([one.found.columns for one in leaves]),
                **_figures(leaves),
            }
            for values, leaves in sorted(partitions.items())
        ]
        if names
        else [],
    }


def _figures(leaves: list[Leaf]) -> dict[str, int]:
    size = sum(leaf.size for leaf in leaves)
    records = sum(_records(leaf.found, leaf.size) for leaf in leaves)
    return {
        "objectCount": len(leaves),
        "sizeKey": size,
        "recordCount": records,
        "averageRecordSize": max(1, size // max(records, 1)),
    }


def _records(found: Found, size: int) -> int:
    if found.classification in ("csv", "json") and found.bytes and found.records:
        return max(found.records, round(found.records * size / found.bytes))
    return found.records


if __name__ == "__main__":
    main(Path(sys.argv[1]))
