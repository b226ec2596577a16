"""Data sets: where data is, and how to read it."""

from localaws.errors import NotImplementedHere, ValidationError
from localaws.services.context import Context
from localaws.services.databrew import documents
from localaws.services.databrew.documents import DATASET
from localaws.services.databrew.operations import Members, page
from localaws.services.records import Records

_KEPT = ("Format", "FormatOptions", "Input")


def _checked(operation: str, given: Members) -> Members:
    places = [name for name in given["Input"] if name != "Metadata"]
    if len(places) != 1:
        raise ValidationError("The Input names one source of the data.")
    place = given["Input"].get("S3InputDefinition")
    if place and any(mark in place.get("Key", "") for mark in "<{"):
        raise NotImplementedHere(
            f"databrew:{operation} Input.S3InputDefinition.Key={place['Key']!r}",
            "chooses the objects by a regular expression or by parameters of the path",
        )
    form = given.get("Format")
    for name in given.get("FormatOptions", {}):
        if form and name.upper() != form:
            raise ValidationError(f"FormatOptions.{name} is not for {form}.")
    members = {name: given[name] for name in _KEPT if name in given}
    return {**members, "Source": "S3" if place else "DATA-CATALOG"}


def create(context: Context, given: Members) -> Members:
    """Answer CreateDataset: that the data is there is seen when it is read."""
    told = {"Name": given["Name"], "Tags": given.get("Tags", {})}
    members = {**_checked("CreateDataset", given), **told}
    return documents.create(context, DATASET, members)


def update(context: Context, given: Members) -> Members:
    """Answer UpdateDataset."""
    empty = dict.fromkeys(_KEPT)
    members = {**empty, **_checked("UpdateDataset", given)}
    return documents.update(context, DATASET, given["Name"], **members)


def describe(context: Context, given: Members) -> Members:
    """Answer DescribeDataset."""
    return documents.get(context, DATASET, given["Name"])


def listed(context: Context, given: Members) -> Members:
    """Answer ListDatasets."""
    return page("Datasets", documents.every(context, DATASET), given)


def delete(context: Context, given: Members) -> Members:
    """Answer DeleteDataset: not of one that a job, project or ruleset uses."""
    with context.part(Records).lock:
        documents.get(context, DATASET, given["Name"])
        documents.refuse_if_used(context, DATASET, given["Name"])
        return documents.drop(context, DATASET, given["Name"])


OPERATIONS = {
    "CreateDataset": create,
    "UpdateDataset": update,
    "DescribeDataset": describe,
    "ListDatasets": listed,
    "DeleteDataset": delete,
}
