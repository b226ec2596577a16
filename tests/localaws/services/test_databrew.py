"""DataBrew's documents: data sets, recipes and their versions, projects, jobs, tags."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from localaws import daemon
from tests.localaws.brew.kitchen import (
    BUCKET,
    ROLE,
    Aws,
    became,
    dataset,
    done,
    make_role,
    put,
    recipe_job,
    step,
)
from tests.localaws.faults.killing import again, running

UPPER = step("UPPER_CASE", sourceColumn="a")
LOWER = step("LOWER_CASE", sourceColumn="a")


@pytest.fixture
def brewer(aws: Aws, bucket: str) -> Aws:
    """DataBrew with a role and a data set."""
    make_role(aws)
    dataset(aws, "in.csv", Tags={"team": "desk"})
    return aws


def test_a_data_set_is_kept(brewer: Aws) -> None:
    databrew = brewer("databrew")
    found = databrew.describe_dataset(Name="flights")
    assert found["ResourceArn"].endswith(":123456789012:dataset/flights")
    assert (found["Source"], found["Tags"]) == ("S3", {"team": "desk"})
    table = {"DatabaseName": "desk", "TableName": "rows"}
    databrew.update_dataset(Name="flights", Input={"DataCatalogInputDefinition": table})
    found = databrew.describe_dataset(Name="flights")
    assert (found["Source"], found["Input"]) == (
        "DATA-CATALOG",
        {"DataCatalogInputDefinition": table},
    )
    with pytest.raises(ClientError, match="ConflictException"):
        dataset(brewer, "in.csv")
    dataset(brewer, "b.csv", "b")
    first = databrew.list_datasets(MaxResults=1)
    rest = databrew.list_datasets(NextToken=first["NextToken"])
    names = [one["Name"] for one in (*first["Datasets"], *rest["Datasets"])]
    assert names == ["b", "flights"]
    databrew.delete_dataset(Name="b")
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        databrew.describe_dataset(Name="b")


def test_what_a_data_set_cannot_be_is_said(brewer: Aws) -> None:
    place = {"S3InputDefinition": {"Bucket": BUCKET, "Key": "in.csv"}}
    pattern = {"S3InputDefinition": {"Bucket": BUCKET, "Key": "a/<.*>.csv"}}
    for says, members in {
        "here only 'CSV', 'JSON', 'PARQUET', 'ORC'": {"Format": "EXCEL"},
        "chooses the objects by": {"PathOptions": {"FilesLimit": {"MaxFiles": 1}}},
        "regular expression": {"Input": pattern},
    }.items():
        given: dict[str, Any] = {"Name": "x", "Input": place, **members}
        with pytest.raises(ClientError, match=f"NotImplementedInLocal.*{says}"):
            brewer("databrew").create_dataset(**given)


def test_a_recipe_has_versions(brewer: Aws) -> None:
    databrew = brewer("databrew")
    databrew.create_recipe(Name="clean", Steps=[UPPER], Description="draft")
    with pytest.raises(ClientError, match=r"clean for version LATEST_PUBLISHED"):
        databrew.describe_recipe(Name="clean")
    assert databrew.list_recipes()["Recipes"] == []
    databrew.publish_recipe(Name="clean", Description="one")
    databrew.update_recipe(Name="clean", Steps=[LOWER])
    databrew.publish_recipe(Name="clean", Description="two")
    databrew.update_recipe(Name="clean", Steps=[])
    latest = databrew.describe_recipe(Name="clean")
    assert (latest["RecipeVersion"], latest["Description"]) == ("2.0", "two")
    assert latest["Steps"] == [LOWER]
    assert latest["PublishedDate"] > latest["CreateDate"]
    first = databrew.describe_recipe(Name="clean", RecipeVersion="1.0")
    assert (first["Steps"], first["Description"]) == ([UPPER], "one")
    working = databrew.describe_recipe(Name="clean", RecipeVersion="LATEST_WORKING")
    assert (working["RecipeVersion"], working["Steps"]) == ("2.1", [])
    versions = databrew.list_recipe_versions(Name="clean")["Recipes"]
    assert [one["RecipeVersion"] for one in versions] == ["1.0", "2.0"]
    listed = databrew.list_recipes(RecipeVersion="LATEST_WORKING")["Recipes"]
    assert [one["RecipeVersion"] for one in listed] == ["2.1"]


def test_recipe_versions_are_deleted(brewer: Aws) -> None:
    databrew = brewer("databrew")
    first = {"Name": "clean", "RecipeVersion": "1.0"}
    recipe_job(brewer, [UPPER], RecipeReference=first)
    databrew.publish_recipe(Name="clean")
    with pytest.raises(ClientError, match=r"ConflictException.*used by the job clean"):
        databrew.delete_recipe_version(Name="clean", RecipeVersion="1.0")
    with pytest.raises(ClientError, match=r"ValidationException.*has published"):
        databrew.delete_recipe_version(Name="clean", RecipeVersion="LATEST_WORKING")
    for wrong in (["1.0", "1.0"], ["LATEST_PUBLISHED"]):
        with pytest.raises(ClientError, match="ValidationException"):
            databrew.batch_delete_recipe_version(Name="clean", RecipeVersions=wrong)
    asked = ["LATEST_WORKING", "1.0", "2.0", "7.0"]
    errors = databrew.batch_delete_recipe_version(Name="clean", RecipeVersions=asked)
    codes = {one["RecipeVersion"]: one["ErrorCode"] for one in errors["Errors"]}
    assert codes == {"1.0": "409", "7.0": "404", "LATEST_WORKING": "400"}
    databrew.delete_job(Name="clean")
    databrew.batch_delete_recipe_version(
        Name="clean", RecipeVersions=["LATEST_WORKING", "1.0"]
    )
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        databrew.describe_recipe(Name="clean", RecipeVersion="LATEST_WORKING")


def test_a_project_has_a_recipe_of_its_own(brewer: Aws) -> None:
    databrew = brewer("databrew")
    databrew.create_recipe(Name="draft", Steps=[])
    given = {"DatasetName": "flights", "RecipeName": "draft", "RoleArn": ROLE}
    databrew.create_project(Name="desk", **given)
    found = databrew.describe_project(Name="desk")
    assert found["Sample"] == {"Size": 500, "Type": "FIRST_N"}
    databrew.update_project(Name="desk", RoleArn=ROLE, Sample={"Type": "RANDOM"})
    (listed,) = databrew.list_projects()["Projects"]
    assert listed["Sample"]["Type"] == "RANDOM"
    with pytest.raises(ClientError, match=r"ConflictException.*attached to"):
        databrew.create_project(Name="other", **given)
    with pytest.raises(ClientError, match=r"ConflictException.*project desk"):
        databrew.delete_recipe_version(Name="draft", RecipeVersion="0.1")
    with pytest.raises(ClientError, match="NotImplementedInLocalEndpoint"):
        databrew.start_project_session(Name="desk")
    databrew.delete_project(Name="desk")
    databrew.delete_recipe_version(Name="draft", RecipeVersion="0.1")
    assert databrew.list_projects()["Projects"] == []


def test_jobs_have_databrews_defaults_and_change(brewer: Aws) -> None:
    databrew = brewer("databrew")
    recipe_job(brewer, [UPPER], Tags={"team": "desk"}, EncryptionMode="SSE-S3")
    job = databrew.describe_job(Name="clean")
    assert (job["Type"], job["MaxCapacity"], job["Timeout"]) == ("RECIPE", 5, 2880)
    assert (job["LogSubscription"], job["MaxRetries"]) == ("ENABLE", 0)
    outputs = [{"Location": {"Bucket": BUCKET}, "Format": "JSON"}]
    databrew.update_recipe_job(Name="clean", RoleArn=ROLE, Outputs=outputs, Timeout=9)
    (job,) = databrew.list_jobs(DatasetName="flights")["Jobs"]
    assert (job["Outputs"], job["Timeout"], job["MaxCapacity"]) == (outputs, 9, 5)
    assert databrew.list_jobs(ProjectName="desk")["Jobs"] == []
    with pytest.raises(ClientError, match=r"ValidationException.*is a recipe job"):
        databrew.update_profile_job(
            Name="clean", RoleArn=ROLE, OutputLocation={"Bucket": BUCKET}
        )
    arn = job["ResourceArn"]
    databrew.tag_resource(ResourceArn=arn, Tags={"cost": "1"})
    databrew.untag_resource(ResourceArn=arn, TagKeys=["team"])
    assert databrew.list_tags_for_resource(ResourceArn=arn)["Tags"] == {"cost": "1"}
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        databrew.list_tags_for_resource(ResourceArn=f"{arn}x")


def test_what_a_job_cannot_be_is_said(brewer: Aws) -> None:
    place = {"Location": {"Bucket": BUCKET}}
    version = {"Name": "clean", "RecipeVersion": "3.0"}
    local = "NotImplementedInLocalEndpoint"
    brewer("databrew").create_recipe(Name="clean", Steps=[])
    brewer("databrew").publish_recipe(Name="clean")
    for says, members in {
        "ResourceNotFoundException.*dataset nothing": {"DatasetName": "nothing"},
        "ResourceNotFoundException.*version 3.0": {"RecipeReference": version},
        "ValidationException.*Valid characters": {"Name": "a/b"},
        "ValidationException.*at least 2": {"MaxCapacity": 1},
        "here only": {"Outputs": [{**place, "Format": "XML"}]},
        f"{local}.*'SNAPPY' of CSV": {
            "Outputs": [{**place, "CompressionFormat": "SNAPPY"}]
        },
        f"{local}.*EncryptionMode": {"EncryptionMode": "SSE-KMS"},
    }.items():
        given: dict[str, Any] = {
            "Name": "clean",
            "DatasetName": "flights",
            "RecipeReference": {"Name": "clean"},
            "RoleArn": ROLE,
            "Outputs": [place],
            **members,
        }
        with pytest.raises(ClientError, match=says):
            brewer("databrew").create_recipe_job(**given)
    assert brewer("databrew").list_jobs()["Jobs"] == []


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The home of an endpoint of the test's own."""
    monkeypatch.setenv("LOCALAWS_HOME", str(tmp_path / "home"))
    yield
    daemon.stop()


def test_all_outlives_a_kill_but_the_run(home: None) -> None:
    aws = boto3.client
    with running():
        aws("s3").create_bucket(Bucket=BUCKET)
        make_role(aws)
        put(aws, "in.csv", f"a\n{'x' * 60}\n")
        dataset(aws, "in.csv")
        slow = step(
            "EXTRACT_PATTERN", sourceColumn="a", targetColumn="b", pattern="(x+x+)+y"
        )
        recipe_job(aws, [slow])
        recipe_job(aws, [UPPER], "quick")
        before = done(aws, "quick")
        key = aws("databrew").start_job_run(Name="clean")["RunId"]
        became(aws, key, states=("RUNNING",))
        job = aws("databrew").describe_job(Name="clean")
        again()
        run = became(aws, key)
        assert run["State"] == "FAILED"
        assert "restarted during the run" in run["ErrorMessage"]
        for now, then in (
            (aws("databrew").describe_job(Name="clean"), job),
            (became(aws, before["RunId"], "quick"), before),
        ):
            assert {k: v for k, v in now.items() if k != "ResponseMetadata"} == {
                k: v for k, v in then.items() if k != "ResponseMetadata"
            }
        assert done(aws, "quick")["RunId"] not in (key, before["RunId"])
