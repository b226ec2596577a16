"""The one door for notebooks and probes: land what a task is about."""

from helpers.payments import (
    cards,
    files,
    history,
    in_flight,
    sources,
    stores,
    streams,
)
from helpers.payments.naming import Clients, Given

LANDINGS = {
    "rewrite_for_readers": files.land,
    "pull_from_four_stores": stores.land,
    "drain_the_hot_shard": streams.land,
    "merge_the_sources": sources.land,
    "open_a_feature_group": cards.land,
    "enrich_in_flight": in_flight.land,
    "join_as_of": history.land,
}


def land(task: str, given: Given, aws: Clients | None = None) -> Given:
    """Put the data of a task into AWS, if it is not there yet.

    Args:
        task: name of the task.
        given: what `check.inputs` has drawn for it.
        aws: makes clients, as boto3.client does, which is the default.

    Returns:
        What the answer to the task is given: names and addresses.
    """
    if aws is None:
        from boto3 import client as aws
    return LANDINGS[task](given, aws)
