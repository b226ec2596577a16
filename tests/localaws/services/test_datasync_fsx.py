"""DataSync and FSx for Lustre: bytes are loaded when they are read, and exported."""

from pathlib import Path

import boto3
import pytest

from localaws.home import Connection
from localaws.shares import Shares
from tests.localaws.services.storage import (
    ACCOUNT,
    Aws,
    bucket_location,
    content,
    copier,
    copy,
    fill,
    network,
)
from tests.localaws.services.test_fsx import link, persistent, run


@pytest.fixture
def linked(aws: Aws, bucket: str) -> str:
    """A file system whose folder /data stands for s3://on-time-desk/in."""
    fill(aws, in__a_csv=b"1,2\n", in__d__b_csv=b"3,4\n" * 5000)
    name = persistent(aws)
    link(aws, name, BatchImportMetaDataOnCreate=True)
    return name


def location(aws: Aws, name: str, folder: str) -> str:
    """Return the location of a folder of a file system."""
    group = network(aws)[1]
    found = aws("fsx").describe_file_systems(FileSystemIds=[name])["FileSystems"][0]
    return aws("datasync").create_location_fsx_lustre(
        FsxFilesystemArn=found["ResourceARN"],
        SecurityGroupArns=[f"arn:aws:ec2:us-east-1:{ACCOUNT}:security-group/{group}"],
        Subdirectory=folder,
    )["LocationArn"]


def disk(endpoint: Connection, name: str) -> int:
    """Return the blocks that the larger file takes on the disk."""
    shares = Shares(Path(endpoint.home))
    return (shares.root(name) / "data" / "d" / "b.csv").stat().st_blocks


def test_bytes_are_loaded_when_they_are_read(
    aws: Aws, endpoint: Connection, linked: str
) -> None:
    file = Shares(Path(endpoint.home)).root(linked) / "data" / "d" / "b.csv"
    assert (file.stat().st_size, disk(endpoint, linked)) == (20000, 0)
    place = bucket_location(aws, copier(aws), "/out")
    done = copy(aws, location(aws, linked, "/data"), place)
    assert done["FilesTransferred"] == 2, done
    assert content(aws, "out/")["d/b.csv"] == b"3,4\n" * 5000
    assert disk(endpoint, linked) > 0
    released = run(aws, linked, "RELEASE_DATA_FROM_FILESYSTEM")
    assert released["Status"]["SucceededCount"] == 2
    assert disk(endpoint, linked) == 0


def test_new_files_are_exported(aws: Aws, linked: str) -> None:
    fill(aws, more__c_csv=b"5\n")
    source = bucket_location(aws, copier(aws), "/more")
    assert copy(aws, source, location(aws, linked, "/data/new"))["Status"] == "SUCCESS"
    done = run(aws, linked, "EXPORT_TO_REPOSITORY")
    assert done["Status"]["SucceededCount"] == 1
    assert content(aws, "in/new/") == {"c.csv": b"5\n"}
    assert run(aws, linked, "EXPORT_TO_REPOSITORY")["Status"]["TotalCount"] == 0
    assert (
        boto3.client("datasync")
        .describe_location_fsx_lustre(LocationArn=location(aws, linked, "/x"))[
            "LocationUri"
        ]
        .endswith(f"{linked}/x/")
    )
