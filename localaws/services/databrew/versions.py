"""The versions of a recipe: found, listed, deleted."""

import re

from localaws.errors import AwsError, ValidationError
from localaws.services.context import Context
from localaws.services.databrew import documents
from localaws.services.databrew.documents import JOB, PROJECT, RECIPE
from localaws.services.databrew.operations import Members, absent, conflict, page
from localaws.services.records import Records

WORKING, PUBLISHED = "LATEST_WORKING", "LATEST_PUBLISHED"
_NUMBER = re.compile(r"\d+\.\d+")


def chosen(context: Context, name: str, version: str) -> Members:
    """Return a recipe in a version.

    Raises:
        AwsError: There is no such recipe, or no such version of it.
    """
    if version not in (WORKING, PUBLISHED) and not _NUMBER.fullmatch(version):
        raise ValidationError(f"Recipe {name} version {version} isn't valid.")
    known = context.part(Records).get(RECIPE, name)
    missing = absent(f"The recipe {name} for version {version} wasn't found.")
    if known is None:
        raise missing
    if version in (WORKING, known["RecipeVersion"]):
        return known
    versions: dict[str, Members] = known["versions"]
    if version == PUBLISHED and versions:
        version = max(versions, key=lambda one: int(one.partition(".")[0]))
    if version not in versions:
        raise missing
    return {**versions[version], "Tags": known["Tags"]}


def listed(context: Context, given: Members) -> Members:
    """Answer ListRecipeVersions, without the working version."""
    known = documents.get(context, RECIPE, given["Name"])
    return page("Recipes", list(known["versions"].values()), given)


def delete(context: Context, given: Members) -> Members:
    """Answer DeleteRecipeVersion."""
    name, version = given["Name"], given["RecipeVersion"]
    _check(name, version)
    with context.part(Records).lock:
        _delete(context, name, version)
    return {"Name": name, "RecipeVersion": version}


def delete_many(context: Context, given: Members) -> Members:
    """Answer BatchDeleteRecipeVersion: a version that cannot go is told of."""
    name, versions = given["Name"], given["RecipeVersions"]
    for version in versions:
        _check(name, version)
    if len(set(versions)) < len(versions):
        raise ValidationError("The list of recipe versions has duplicate entries.")
    errors = []
    with context.part(Records).lock:
        documents.get(context, RECIPE, name)
        for version in sorted(versions, key=lambda one: one == WORKING):
            try:
                _delete(context, name, version)
            except AwsError as error:
                code = {"ErrorCode": str(error.status), "RecipeVersion": version}
                errors.append({**code, "ErrorMessage": error.message})
    return {"Name": name, "Errors": errors}


def _check(name: str, version: str) -> None:
    if version != WORKING and not _NUMBER.fullmatch(version):
        raise ValidationError(f"Recipe {name} version {version} is invalid.")


def _delete(context: Context, name: str, version: str) -> None:
    """Delete a version; with the working one, which goes last, the recipe."""
    records = context.part(Records)
    known = documents.get(context, RECIPE, name)
    working = version in (WORKING, known["RecipeVersion"])
    if not working and version not in known["versions"]:
        raise absent(f"The recipe {name} version {version} wasn't found.")
    _refuse_if_used(context, name, version, working)
    if not working:
        left = {key: one for key, one in known["versions"].items() if key != version}
        records.change(RECIPE, name, versions=left)
    elif known["versions"]:
        raise ValidationError(
            f"Recipe version {version} is not allowed to be deleted: the recipe has "
            "published versions."
        )
    else:
        documents.drop(context, RECIPE, name)


def _refuse_if_used(context: Context, name: str, version: str, working: bool) -> None:
    projects = documents.users(context, PROJECT, "RecipeName", name)
    if working and projects:
        raise conflict(f"The recipe {name} is used by the project {projects[0]}.")
    for job in documents.every(context, JOB):
        used = job.get("RecipeReference", {})
        if used.get("Name") != name:
            continue
        asked = chosen(context, name, used["RecipeVersion"])["RecipeVersion"]
        if asked == version or (working and used["RecipeVersion"] == WORKING):
            raise conflict(
                f"The recipe {name} version {version} is used by the job {job['Name']}."
            )


OPERATIONS = {
    "ListRecipeVersions": listed,
    "DeleteRecipeVersion": delete,
    "BatchDeleteRecipeVersion": delete_many,
}
