"""FSx for Lustre: sizes, data repositories, what is loaded when."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.localaws.services.storage import BUCKET, Aws, content, fill, network

PATH = f"s3://{BUCKET}/in"


def make(aws: Aws, size: int = 1200, **more: Any) -> dict[str, Any]:
    """Make a file system, and return it as it is described afterwards."""
    fsx, (subnet, group) = aws("fsx"), network(aws)
    made = fsx.create_file_system(
        FileSystemType="LUSTRE",
        StorageCapacity=size,
        SubnetIds=[subnet],
        SecurityGroupIds=[group],
        LustreConfiguration={"DeploymentType": "SCRATCH_2", **more},
    )["FileSystem"]
    assert made["Lifecycle"] == "CREATING"
    name = made["FileSystemId"]
    return fsx.describe_file_systems(FileSystemIds=[name])["FileSystems"][0]


def persistent(aws: Aws) -> str:
    """Make a file system that lasts, and return its id."""
    more = {"DeploymentType": "PERSISTENT_2", "PerUnitStorageThroughput": 125}
    return make(aws, **more)["FileSystemId"]


def run(aws: Aws, name: str, kind: str, *paths: str) -> dict[str, Any]:
    """Run a data repository task to its end."""
    fsx = aws("fsx")
    made = fsx.create_data_repository_task(
        FileSystemId=name, Type=kind, Paths=list(paths), Report={"Enabled": False}
    )["DataRepositoryTask"]
    assert made["Lifecycle"] == "PENDING"
    found = fsx.describe_data_repository_tasks(TaskIds=[made["TaskId"]])
    return found["DataRepositoryTasks"][0]


def link(aws: Aws, name: str, path: str = "/data", **more: Any) -> dict[str, Any]:
    """Link a folder of a file system with the bucket."""
    fsx = aws("fsx")
    made = fsx.create_data_repository_association(
        FileSystemId=name, FileSystemPath=path, DataRepositoryPath=PATH, **more
    )["Association"]
    found = fsx.describe_data_repository_associations(
        AssociationIds=[made["AssociationId"]]
    )
    return found["Associations"][0]


def test_a_scratch_file_system_with_an_import_path(aws: Aws, bucket: str) -> None:
    fill(aws, in__a_csv=b"1,2\n")
    found = make(aws, ImportPath=PATH)
    assert found["Lifecycle"] == "AVAILABLE"
    settings = found["LustreConfiguration"]
    assert len(settings["MountName"]) == 8
    repository = settings["DataRepositoryConfiguration"]
    assert repository["ExportPath"].startswith(f"s3://{BUCKET}/FSxLustre2026")
    name = found["FileSystemId"]
    aws("fsx").tag_resource(
        ResourceARN=found["ResourceARN"], Tags=[{"Key": "team", "Value": "desk"}]
    )
    tags = aws("fsx").list_tags_for_resource(ResourceARN=found["ResourceARN"])
    assert tags["Tags"] == [{"Key": "team", "Value": "desk"}]
    assert aws("fsx").delete_file_system(FileSystemId=name)["Lifecycle"] == "DELETING"
    with pytest.raises(ClientError, match="FileSystemNotFound"):
        aws("fsx").describe_file_systems(FileSystemIds=[name])


@pytest.mark.parametrize(
    ("size", "members", "code"),
    [
        (1000, {}, "BadRequest"),
        (3600, {}, "BadRequest"),
        (1200, {"PerUnitStorageThroughput": 200}, "BadRequest"),
        (
            1200,
            {"DeploymentType": "PERSISTENT_2", "PerUnitStorageThroughput": 200},
            "InvalidPerUnitStorageThroughput",
        ),
        (1200, {"DeploymentType": "PERSISTENT_1"}, "InvalidPerUnitStorageThroughput"),
        (1200, {"ImportPath": "s3://nobody-has-this"}, "InvalidImportPath"),
        (1200, {"ExportPath": PATH}, "InvalidExportPath"),
        (
            1200,
            {
                "DeploymentType": "PERSISTENT_2",
                "PerUnitStorageThroughput": 125,
                "ImportPath": PATH,
            },
            "BadRequest",
        ),
        (1200, {"DataCompressionType": "LZ4"}, "NotImplementedInLocalEndpoint"),
        (
            1200,
            {"ImportPath": PATH, "AutoImportPolicy": "NEW"},
            "NotImplementedInLocalEndpoint",
        ),
    ],
)
def test_wrong_file_systems_are_refused(
    aws: Aws, bucket: str, size: int, members: dict[str, Any], code: str
) -> None:
    with pytest.raises(ClientError) as caught:
        make(aws, size, **members)
    assert caught.value.response["Error"]["Code"] == code
    assert aws("fsx").describe_file_systems()["FileSystems"] == []


def test_a_subnet_must_be_there(aws: Aws) -> None:
    with pytest.raises(ClientError, match="InvalidNetworkSettings"):
        aws("fsx").create_file_system(
            FileSystemType="LUSTRE",
            StorageCapacity=1200,
            SubnetIds=["subnet-0123456789abcdef0"],
        )


def test_a_token_makes_one_file_system(aws: Aws) -> None:
    given = {
        "ClientRequestToken": "t",
        "FileSystemType": "LUSTRE",
        "StorageCapacity": 1200,
        "SubnetIds": [network(aws)[0]],
        "LustreConfiguration": {"DeploymentType": "SCRATCH_2"},
    }
    fsx = aws("fsx")
    first = fsx.create_file_system(**given)["FileSystem"]["FileSystemId"]
    assert fsx.create_file_system(**given)["FileSystem"]["FileSystemId"] == first
    with pytest.raises(ClientError, match="IncompatibleParameterError"):
        fsx.create_file_system(**{**given, "StorageCapacity": 2400})


def test_associations(aws: Aws, bucket: str) -> None:
    fill(aws, in__a_csv=b"1,2\n")
    name = persistent(aws)
    found = link(aws, name, BatchImportMetaDataOnCreate=True)
    assert found["Lifecycle"] == "AVAILABLE"
    with pytest.raises(ClientError, match="overlaps"):
        link(aws, name, "/data/more")
    with pytest.raises(ClientError, match="imports and exports changes by itself"):
        link(aws, name, "/x", S3={"AutoImportPolicy": {"Events": ["NEW"]}})
    gone = aws("fsx").delete_data_repository_association(
        AssociationId=found["AssociationId"], DeleteDataInFileSystem=True
    )
    assert gone["DeleteDataInFileSystem"]
    with pytest.raises(ClientError, match="DataRepositoryAssociationNotFound"):
        aws("fsx").delete_data_repository_association(
            AssociationId=found["AssociationId"]
        )


def test_tasks_import_and_release(aws: Aws, bucket: str) -> None:
    fill(aws, in__a_csv=b"1,2\n")
    name = persistent(aws)
    with pytest.raises(ClientError, match="not linked to a repository"):
        run(aws, name, "IMPORT_METADATA_FROM_REPOSITORY")
    link(aws, name)
    done = run(aws, name, "IMPORT_METADATA_FROM_REPOSITORY")
    assert done["Lifecycle"] == "SUCCEEDED", done
    assert done["Status"]["SucceededCount"] == 1
    again = run(aws, name, "IMPORT_METADATA_FROM_REPOSITORY")
    assert again["Status"]["TotalCount"] == 0
    nothing = run(aws, name, "RELEASE_DATA_FROM_FILESYSTEM")
    assert nothing["Status"]["TotalCount"] == 0
    exported = run(aws, name, "EXPORT_TO_REPOSITORY", "data")
    assert exported["Status"]["TotalCount"] == 0
    assert content(aws, "in/") == {"a.csv": b"1,2\n"}
    failed = run(aws, name, "EXPORT_TO_REPOSITORY", "../../x")
    assert failed["Lifecycle"] == "FAILED"
    assert "leads out" in failed["FailureDetails"]["Message"]


def test_storage_costs_by_the_month(aws: Aws, endpoint: Any) -> None:
    name = persistent(aws)
    endpoint.control("POST", "clock", {"seconds": 730 * 3600})
    lines = endpoint.control("GET", "bill")["lines"]
    line = next(one for one in lines if one["resource"] == name)
    assert line["usage"] == "SSD storage PERSISTENT_2 125 MBps/TiB"
    assert line["cost"] == pytest.approx(1200 * 0.145, rel=1e-3)
    assert "unverified" in line["note"]
