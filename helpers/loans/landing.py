"""The one door for notebooks and probes: give what a task is about."""

from helpers.loans import desk, files, tools
from helpers.payments.naming import Clients, Given


def land(task: str, given: Given, aws: Clients | None = None) -> Given:
    """Give the data of a task; put it into AWS if it is to be there, and is not.

    Args:
        task: name of the task.
        given: what `check.inputs` has drawn for it.
        aws: makes clients, as boto3.client does, which is the default.

    Returns:
        What the answer to the task is given.
    """
    if aws is None:
        from boto3 import client as aws
    if task == "clean_without_leaks":
        return files.land(given)
    if task == "same_recipe_three_tools":
        return tools.land(given, aws)
    return desk.land(given, aws)
