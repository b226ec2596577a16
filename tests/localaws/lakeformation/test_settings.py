"""Settings, registered places, and that no member is dropped."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localaws import fidelity
from localaws.store import model
from tests.localaws.access import ACCOUNT, allow, refused
from tests.localaws.lakeformation import lake
from tests.localaws.lakeformation.lake import Analyst, principal, role

Aws = Callable[[str], Any]
INVALID = "InvalidInputException"
BY_IAM = [{"Principal": principal(lake.EVERYBODY), "Permissions": ["ALL"]}]


def test_every_member_is_honoured_or_refused() -> None:
    rows = fidelity.services()["lakeformation"]["operations"]
    assert set(rows) == set(model("lakeformation").operation_names)
    for name in rows:
        row = fidelity.fidelity("lakeformation", name)
        known = fidelity.paths(model("lakeformation").operation_model(name).input_shape)
        for path in known if row.level != "refused" else ():
            named = (*row.honours, *row.members)
            assert any(f"{path}.".startswith(f"{one}.") for one in named), (name, path)


def test_settings_are_those_of_iam_until_they_are_put(aws: Aws) -> None:
    formation = aws("lakeformation")
    first = formation.get_data_lake_settings()["DataLakeSettings"]
    assert first["DataLakeAdmins"] == []
    assert first["CreateTableDefaultPermissions"] == BY_IAM
    arn = role("steward", allow("lakeformation:*"))
    formation.put_data_lake_settings(
        DataLakeSettings=first | {"DataLakeAdmins": [principal(arn)]}
    )
    found = formation.get_data_lake_settings(CatalogId=ACCOUNT)["DataLakeSettings"]
    assert found["DataLakeAdmins"] == [principal(arn)]
    formation.put_data_lake_settings(DataLakeSettings={"DataLakeAdmins": []})
    found = formation.get_data_lake_settings()["DataLakeSettings"]
    assert found["CreateDatabaseDefaultPermissions"] == []
    for wrong in (
        {"DataLakeAdmins": [principal(f"arn:aws:iam::{ACCOUNT}:user/nobody")]},
        {"CreateTableDefaultPermissions": [BY_IAM[0] | {"Permissions": ["SELECT"]}]},
    ):
        with pytest.raises(formation.exceptions.InvalidInputException):
            formation.put_data_lake_settings(DataLakeSettings=wrong)
    for other in ({"Parameters": {"CROSS_ACCOUNT_VERSION": "4"}},):
        with pytest.raises(ClientError, match="does not act"):
            formation.put_data_lake_settings(DataLakeSettings=other)
    with pytest.raises(ClientError, match="another account's catalog"):
        formation.get_data_lake_settings(CatalogId="210987654321")


def test_places(aws: Aws) -> None:
    formation, errors = aws("lakeformation"), aws("lakeformation").exceptions
    lake.make()
    place = {"ResourceArn": lake.REGISTERED}
    formation.register_resource(**place, RoleArn=lake.KEEPER)
    with pytest.raises(errors.AlreadyExistsException):
        formation.register_resource(**place, UseServiceLinkedRole=True)
    found = formation.describe_resource(**place)["ResourceInfo"]
    assert found["RoleArn"] == lake.KEEPER
    assert found["VerificationStatus"] == "VERIFIED"
    weak = role("weak", allow("s3:ListBucket"))
    formation.update_resource(**place, RoleArn=weak)
    found = formation.list_resources()["ResourceInfoList"]
    assert [(one["RoleArn"], one["VerificationStatus"]) for one in found] == [
        (weak, "NOT_VERIFIED")
    ]
    formation.deregister_resource(**place)
    for ask in (formation.describe_resource, formation.deregister_resource):
        with pytest.raises(errors.EntityNotFoundException):
            ask(**place)
    for wrong in (
        {**place},
        {**place, "RoleArn": f"{weak}er"},
        {**place, "RoleArn": weak, "UseServiceLinkedRole": True},
        {"ResourceArn": "arn:aws:sqs:us-east-1:1:q", "UseServiceLinkedRole": True},
    ):
        with pytest.raises(errors.InvalidInputException):
            formation.register_resource(**wrong)
    formation.register_resource(**place, UseServiceLinkedRole=True)
    found = formation.describe_resource(**place)["ResourceInfo"]
    assert found["VerificationStatus"] == "VERIFIED"
    name = found["RoleArn"].rpartition("/")[2]
    assert name == "AWSServiceRoleForLakeFormationDataAccess"
    assert len(aws("iam").list_role_policies(RoleName=name)["PolicyNames"]) == 1
    formation.deregister_resource(**place)
    assert aws("iam").list_role_policies(RoleName=name)["PolicyNames"] == []
    formation.register_resource(**place, RoleArn=weak)
    formation.deregister_resource(**place)
    with pytest.raises(ClientError, match="HybridAccessEnabled"):
        formation.register_resource(**place, RoleArn=weak, HybridAccessEnabled=True)
    with pytest.raises(ClientError, match="StartTransaction does not act"):
        formation.start_transaction()


def test_iam_decides_who_may_ask(aws: Aws) -> None:
    lake.make()
    asker = Analyst("asker")
    assert asker("lakeformation").get_data_lake_principal()["Identity"] == asker.arn
    aws("iam").put_role_policy(
        RoleName="asker", PolicyName="p", PolicyDocument=lake.document(allow("s3:*"))
    )
    ask = asker("lakeformation").get_data_lake_settings
    refused(ask, "lakeformation:GetDataLakeSettings", "AccessDeniedException")
