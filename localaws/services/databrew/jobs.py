"""Jobs: a recipe over a data set, or its profile."""

from typing import Any

from localaws.errors import ValidationError
from localaws.services.context import Context
from localaws.services.databrew import documents
from localaws.services.databrew.documents import DATASET, JOB, PROJECT, RULESET, RUN
from localaws.services.databrew.job_settings import (
    check_outputs,
    check_profile,
    common,
    defaults,
)
from localaws.services.databrew.operations import Members, absent, conflict, page
from localaws.services.databrew.versions import PUBLISHED, WORKING, chosen
from localaws.services.records import Records

ENDED = ("SUCCEEDED", "FAILED", "STOPPED", "TIMEOUT")
_SAMPLE = {"Mode": "CUSTOM_ROWS", "Size": 20000}


def create_recipe(context: Context, given: Members) -> Members:
    """Answer CreateRecipeJob."""
    settings = common(context, given)
    check_outputs("CreateRecipeJob", given.get("Outputs"))
    with context.part(Records).lock:
        source = _source(context, given)
        members = {
            **defaults(),
            **settings,
            **source,
            "Name": given["Name"],
            "Type": "RECIPE",
            "Outputs": given["Outputs"],
            "Tags": given.get("Tags", {}),
        }
        return documents.create(context, JOB, members)


def _source(context: Context, given: Members) -> Members:
    """Return what a recipe job works on: a project, or a data set and a recipe."""
    if "ProjectName" in given:
        if "DatasetName" in given or "RecipeReference" in given:
            raise ValidationError(
                "Give either ProjectName, or DatasetName and RecipeReference."
            )
        project = documents.get(context, PROJECT, given["ProjectName"])
        recipe = {"Name": project["RecipeName"], "RecipeVersion": WORKING}
        return {
            "ProjectName": project["Name"],
            "DatasetName": project["DatasetName"],
            "RecipeReference": recipe,
        }
    if "DatasetName" not in given or "RecipeReference" not in given:
        raise ValidationError(
            "Give either ProjectName, or DatasetName and RecipeReference."
        )
    documents.get(context, DATASET, given["DatasetName"])
    recipe = {"RecipeVersion": PUBLISHED, **given["RecipeReference"]}
    chosen(context, recipe["Name"], recipe["RecipeVersion"])
    return {"DatasetName": given["DatasetName"], "RecipeReference": recipe}


def create_profile(context: Context, given: Members) -> Members:
    """Answer CreateProfileJob."""
    settings = common(context, given)
    with context.part(Records).lock:
        dataset = documents.get(context, DATASET, given["DatasetName"])
        members = {
            **defaults(),
            **settings,
            **_profile(context, given, dataset["ResourceArn"]),
            "JobSample": _sample(given.get("JobSample", {})),
            "Name": given["Name"],
            "Type": "PROFILE",
            "DatasetName": given["DatasetName"],
            "Tags": given.get("Tags", {}),
        }
        return documents.create(context, JOB, members)


def _sample(given: Members) -> Members:
    if given.get("Mode") == "FULL_DATASET":
        if "Size" in given:
            raise ValidationError("JobSample.Size is for the mode CUSTOM_ROWS.")
        return {"Mode": "FULL_DATASET"}
    sample = {**_SAMPLE, **given}
    if sample["Size"] < 1:
        raise ValidationError("JobSample.Size must be at least 1.")
    return sample


def _profile(context: Context, given: Members, dataset: str) -> Members:
    found: dict[str, Any] = {"Outputs": [{"Location": given["OutputLocation"]}]}
    if "Configuration" in given:
        check_profile(given["Configuration"])
        found["ProfileConfiguration"] = given["Configuration"]
    if "ValidationConfigurations" in given:
        known = {one["ResourceArn"]: one for one in documents.every(context, RULESET)}
        for one in given["ValidationConfigurations"]:
            ruleset = known.get(one["RulesetArn"])
            if ruleset is None:
                raise absent(f"The ruleset {one['RulesetArn']} wasn't found.")
            if ruleset["TargetArn"] != dataset:
                raise ValidationError(
                    f"The ruleset {ruleset['Name']} is of another dataset than the job."
                )
        found["ValidationConfigurations"] = given["ValidationConfigurations"]
    return found


def _known(context: Context, name: str, kind: str) -> Members:
    job = documents.get(context, JOB, name)
    if job["Type"] != kind:
        raise ValidationError(f"The job {name} is a {job['Type'].lower()} job.")
    return job


def update_recipe(context: Context, given: Members) -> Members:
    """Answer UpdateRecipeJob: what is not given stays."""
    settings = common(context, given)
    with context.part(Records).lock:
        _known(context, given["Name"], "RECIPE")
        if "Outputs" in given:
            check_outputs("UpdateRecipeJob", given["Outputs"])
            settings["Outputs"] = given["Outputs"]
        return documents.update(context, JOB, given["Name"], **settings)


def update_profile(context: Context, given: Members) -> Members:
    """Answer UpdateProfileJob: what is not given stays."""
    settings = common(context, given)
    with context.part(Records).lock:
        job = _known(context, given["Name"], "PROFILE")
        dataset = documents.get(context, DATASET, job["DatasetName"])
        settings |= _profile(context, given, dataset["ResourceArn"])
        if "JobSample" in given:
            settings["JobSample"] = _sample(given["JobSample"])
        return documents.update(context, JOB, given["Name"], **settings)


def describe(context: Context, given: Members) -> Members:
    """Answer DescribeJob."""
    return documents.get(context, JOB, given["Name"])


def listed(context: Context, given: Members) -> Members:
    """Answer ListJobs, of one data set or project if it is named."""
    found = [
        one
        for one in documents.every(context, JOB)
        if given.get("DatasetName") in (None, one["DatasetName"])
        and given.get("ProjectName") in (None, one.get("ProjectName"))
    ]
    return page("Jobs", found, given)


def delete(context: Context, given: Members) -> Members:
    """Answer DeleteJob, with its runs; not of one that runs."""
    records, name = context.part(Records), given["Name"]
    with records.lock:
        documents.get(context, JOB, name)
        runs = records.all(RUN)
        own = {key: run for key, run in runs.items() if run["JobName"] == name}
        if any(run["State"] not in ENDED for run in own.values()):
            raise conflict(f"The job {name} is running.")
        for key in own:
            records.drop(RUN, key)
        return documents.drop(context, JOB, name)


OPERATIONS = {
    "CreateRecipeJob": create_recipe,
    "CreateProfileJob": create_profile,
    "UpdateRecipeJob": update_recipe,
    "UpdateProfileJob": update_profile,
    "DescribeJob": describe,
    "ListJobs": listed,
    "DeleteJob": delete,
}
