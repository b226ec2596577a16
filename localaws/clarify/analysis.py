"""One analysis: the rows, the metrics of each group, the files that tell them."""

import json
from typing import Any

import pandas as pd

from localaws.clarify.configuration import Configuration
from localaws.clarify.errors import ClarifyError
from localaws.clarify.groups import Group, as_texts, check_complete, chosen, each_group
from localaws.clarify.job import Job
from localaws.clarify.joining import joined, read_facets
from localaws.clarify.metrics import Split, measured
from localaws.clarify.report import Facts, write_report
from localaws.clarify.tables import locate, read


def analyse(job: Job) -> None:
    """Make the analysis that a job asks for, and write its files.

    Raises:
        ClarifyError: The configuration or the data are wrong.
    """
    config = job.configuration
    files = job.files()
    frame, label = read(files, config)
    print(f"Loaded {len(frame)} rows, {len(frame.columns)} columns", flush=True)
    facets = frame
    if config.facet_uri:
        found = job.fetch(config.facet_uri, "facet_dataset_uri")
        facets = read_facets(found, config)
        most = max(len(files), len(found))
        frame, facets = joined(frame, facets, config, most)
        print(f"Joined to the facets: {len(frame)} rows", flush=True)
    metrics, facts = pre_training(config, frame, facets, label)
    document = {"version": "1.0", "pre_training_bias_metrics": metrics}
    job.output.mkdir(parents=True, exist_ok=True)
    text = json.dumps(document, indent=4, allow_nan=False)
    (job.output / "analysis.json").write_text(text, encoding="utf-8")
    if config.report:
        write_report(job.output / config.report, config.title, job.given, facts)
    print("Wrote the analysis and its report", flush=True)


def pre_training(
    config: Configuration, frame: pd.DataFrame, facets: pd.DataFrame, label: str
) -> tuple[dict[str, Any], Facts]:
    """Return the metrics as analysis.json holds them, and what the report shows.

    Args:
        config: What is asked for.
        frame: The rows.
        facets: Their facets; the same frame, or one of its own.
        label: Name of the label's column.
    """
    what = f"the label {label!r}"
    positive = chosen(frame[label], config.positive, what)
    strata = None
    if config.strata is not None:
        name = locate(frame, config.strata, "group_variable")
        check_complete(frame[name], f"the group variable {name!r}")
        strata = as_texts(frame[name])
    found: dict[str, list[dict[str, Any]]] = {}
    sizes: dict[str, list[tuple[str, int, int]]] = {}
    for facet in config.facets:
        name = locate(facets, facet.column, "facet")
        if name in found:
            raise ClarifyError(f"the facet {name!r} is given twice")
        groups = _groups(facets[name], facet.values, f"the facet {name!r}")
        print(f"Computing bias metrics of {name!r}: {len(groups)} groups", flush=True)
        found[name] = [
            {
                "value_or_threshold": group.text,
                "metrics": [
                    measured(metric, _split(group, positive, strata))
                    for metric in config.methods
                ],
            }
            for group in groups
        ]
        sizes[name] = [_size(group, positive) for group in groups]
    told = {
        "label": label,
        "facets": found,
        "label_value_or_threshold": positive.text,
    }
    counts = as_texts(positive.labels).value_counts().sort_index()
    return told, Facts(told, counts.to_dict(), sizes)


def _groups(column: pd.Series, given: tuple[Any, ...], what: str) -> list[Group]:
    return [chosen(column, given, what)] if given else each_group(column, what)


def _split(group: Group, positive: Group, strata: pd.Series | None) -> Split:
    return Split(group.members, positive.members, positive.labels, strata)


def _size(group: Group, positive: Group) -> tuple[str, int, int]:
    both = int((group.members & positive.members).sum())
    return group.text, int(group.members.sum()), both
