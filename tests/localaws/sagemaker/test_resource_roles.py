"""Roles that resources are made with: they must be there, and trust SageMaker."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.localaws.sagemaker.desk import ROLE, variant
from tests.localaws.sagemaker.family import untrust
from tests.localaws.sagemaker.kind_callers import ByBoto3, both_of

pytestmark = pytest.mark.usefixtures("role", "bucket")
UNPLACED = {"ProductionVariants": [variant(None)], "ExecutionRoleArn": ROLE}


@both_of(
    ("Model", {}), ("EndpointConfig", UNPLACED), ("Pipeline", {}), ("FeatureGroup", {})
)
@pytest.mark.parametrize("trusted", [None, "ec2.amazonaws.com"])
def test_the_role_must_be_there_and_trust_sagemaker(
    caller: ByBoto3, change: dict[str, Any], trusted: str | None
) -> None:
    caller.kind.prepare()
    given = caller.given(**change)
    untrust(trusted)
    with pytest.raises(ClientError) as caught:
        caller.create(given)
    error = caught.value.response["Error"]
    assert error["Code"] == "ValidationException"
    assert error["Message"] == (
        f"Could not assume role {ROLE}. Please ensure that the role exists and allows "
        "principal 'sagemaker.amazonaws.com' to assume the role."
    )
    assert not caller.there()
