"""Recipes: a working version, and those that were published."""

from typing import Any

from localaws.errors import ValidationError
from localaws.services.context import Context
from localaws.services.databrew import documents, steps
from localaws.services.databrew.documents import RECIPE, USER
from localaws.services.databrew.operations import Members, page
from localaws.services.databrew.versions import PUBLISHED, WORKING, chosen
from localaws.services.records import Records


def create(context: Context, given: Members) -> Members:
    """Answer CreateRecipe: the first working version is 0.1."""
    steps.check("CreateRecipe", given["Steps"])
    members = {
        "Name": given["Name"],
        "Tags": given.get("Tags", {}),
        "Description": given.get("Description", ""),
        "Steps": given["Steps"],
        "RecipeVersion": "0.1",
        "versions": {},
    }
    return documents.create(context, RECIPE, members)


def update(context: Context, given: Members) -> Members:
    """Answer UpdateRecipe: it changes the working version."""
    members: dict[str, Any] = {}
    if "Steps" in given:
        steps.check("UpdateRecipe", given["Steps"])
        members["Steps"] = given["Steps"]
    if "Description" in given:
        members["Description"] = given["Description"]
    return documents.update(context, RECIPE, given["Name"], **members)


def publish(context: Context, given: Members) -> Members:
    """Answer PublishRecipe: the working version becomes the next whole one."""
    records = context.part(Records)
    with records.lock:
        known = documents.get(context, RECIPE, given["Name"])
        number = int(known["RecipeVersion"].partition(".")[0]) + 1
        version = f"{number}.0"
        own = {key: value for key, value in known.items() if key != "versions"}
        made = {
            **own,
            "Description": given.get("Description", ""),
            "RecipeVersion": version,
            "PublishedBy": USER,
            "PublishedDate": context.clock.now(),
        }
        told = {
            "versions": {**known["versions"], version: made},
            "RecipeVersion": f"{number}.1",
        }
        records.change(RECIPE, given["Name"], **told)
    return {"Name": given["Name"]}


def describe(context: Context, given: Members) -> Members:
    """Answer DescribeRecipe: of the latest published version if none is named."""
    version = given.get("RecipeVersion", PUBLISHED)
    return chosen(context, given["Name"], version)


def listed(context: Context, given: Members) -> Members:
    """Answer ListRecipes, of published versions unless the working ones are asked."""
    version = given.get("RecipeVersion", PUBLISHED)
    if version not in (PUBLISHED, WORKING):
        raise ValidationError(
            f"Invalid version {version}. Valid versions are {PUBLISHED} and {WORKING}."
        )
    found = [
        chosen(context, one["Name"], version)
        for one in documents.every(context, RECIPE)
        if version == WORKING or one["versions"]
    ]
    return page("Recipes", found, given)


OPERATIONS = {
    "CreateRecipe": create,
    "UpdateRecipe": update,
    "PublishRecipe": publish,
    "DescribeRecipe": describe,
    "ListRecipes": listed,
}
