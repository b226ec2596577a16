"""Projects: a data set, a recipe, and the sample on which it is written."""

from localaws import trust
from localaws.errors import ValidationError
from localaws.services.context import Context
from localaws.services.databrew import documents
from localaws.services.databrew.documents import DATASET, PROJECT, RECIPE
from localaws.services.databrew.operations import Members, conflict, page
from localaws.services.records import Records

PRINCIPAL = "databrew.amazonaws.com"
_SAMPLE = {"Size": 500, "Type": "FIRST_N"}


def check_role(context: Context, arn: str) -> None:
    """Refuse a role that DataBrew may not assume."""
    if not trust.trusts(context.aws, arn, PRINCIPAL):
        raise ValidationError(
            f"The role {arn} does not exist, or does not let {PRINCIPAL} assume it."
        )


def create(context: Context, given: Members) -> Members:
    """Answer CreateProject: its recipe belongs to no other project."""
    check_role(context, given["RoleArn"])
    records = context.part(Records)
    with records.lock:
        documents.get(context, DATASET, given["DatasetName"])
        recipe = documents.get(context, RECIPE, given["RecipeName"])
        if recipe.get("ProjectName"):
            raise conflict(
                f"The recipe {given['RecipeName']} is attached to the project "
                f"{recipe['ProjectName']}."
            )
        members = {
            name: given[name]
            for name in ("Name", "DatasetName", "RecipeName", "RoleArn", "Tags")
            if name in given
        }
        sample = {**_SAMPLE, **given.get("Sample", {})}
        made = documents.create(context, PROJECT, {**members, "Sample": sample})
        records.change(RECIPE, given["RecipeName"], ProjectName=given["Name"])
    return made


def update(context: Context, given: Members) -> Members:
    """Answer UpdateProject."""
    check_role(context, given["RoleArn"])
    members = {"RoleArn": given["RoleArn"]}
    if "Sample" in given:
        members["Sample"] = {**_SAMPLE, **given["Sample"]}
    made = documents.update(context, PROJECT, given["Name"], **members)
    known = documents.get(context, PROJECT, given["Name"])
    return {**made, "LastModifiedDate": known["LastModifiedDate"]}


def describe(context: Context, given: Members) -> Members:
    """Answer DescribeProject."""
    return documents.get(context, PROJECT, given["Name"])


def listed(context: Context, given: Members) -> Members:
    """Answer ListProjects."""
    return page("Projects", documents.every(context, PROJECT), given)


def delete(context: Context, given: Members) -> Members:
    """Answer DeleteProject: the recipe stays, and belongs to none."""
    records = context.part(Records)
    with records.lock:
        known = documents.get(context, PROJECT, given["Name"])
        documents.refuse_if_used(context, PROJECT, given["Name"])
        if records.get(RECIPE, known["RecipeName"]) is not None:
            records.change(RECIPE, known["RecipeName"], ProjectName=None)
        return documents.drop(context, PROJECT, given["Name"])


OPERATIONS = {
    "CreateProject": create,
    "UpdateProject": update,
    "DescribeProject": describe,
    "ListProjects": listed,
    "DeleteProject": delete,
}
