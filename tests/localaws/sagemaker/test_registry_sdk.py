"""Registry, model cards and lineage by the SageMaker Python SDK v3."""

from collections.abc import Callable
from typing import Any

import pytest

from localaws.daemon import Connection
from tests.localaws.sagemaker.conftest import SKLEARN, archive

pytestmark = pytest.mark.filterwarnings("ignore")


def test_a_version_is_read_and_approved(
    endpoint: Connection, aws: Callable[[str], Any], bucket: str
) -> None:
    """Of SDK 3.27.0, `create` and `refresh` do not know versioned packages."""
    from sagemaker.core.resources import ModelPackage, ModelPackageGroup

    aws("s3").put_object(Bucket=bucket, Key="m.tar.gz", Body=archive(weights="2"))
    group = ModelPackageGroup.create(model_package_group_name="delays")
    assert group.model_package_group_status == "Completed"
    container = {"Image": SKLEARN, "ModelDataUrl": f"s3://{bucket}/m.tar.gz"}
    arn = aws("sagemaker").create_model_package(
        ModelPackageGroupName="delays",
        InferenceSpecification={"Containers": [container]},
    )["ModelPackageArn"]
    package = ModelPackage.get(model_package_name=arn)
    assert package.model_package_version == 1
    aws("sagemaker").update_model_package(
        ModelPackageArn=package.model_package_arn,
        ModelApprovalStatus="Approved",
        ApprovalDescription="AUC 0.72",
    )
    found = ModelPackage.get(model_package_name=arn)
    assert found.model_approval_status == "Approved"
    assert found.approval_description == "AUC 0.72"
    with pytest.raises(Exception, match="still contains"):
        group.delete()
    aws("sagemaker").delete_model_package(ModelPackageName=arn)
    group.delete()


def test_a_model_card_has_versions(endpoint: Connection) -> None:
    from sagemaker.core.resources import ModelCard

    card = ModelCard.create(
        model_card_name="delays", content="{}", model_card_status="Draft"
    )
    card.update(content='{"intended_uses": {"risk_rating": "Low"}}')
    found = ModelCard.get(model_card_name="delays")
    assert found.model_card_version == 2
    assert len(list(found.get_all_versions())) == 2
    found.delete()


def test_lineage_classes_walk_from_a_context(endpoint: Connection) -> None:
    from sagemaker.core.helper.session_helper import Session
    from sagemaker.core.lineage.artifact import Artifact
    from sagemaker.core.lineage.association import Association
    from sagemaker.core.lineage.context import Context, EndpointContext

    session = Session()
    data = Artifact.create(
        artifact_name="data",
        artifact_type="DataSet",
        source_uri="s3://somewhere/data",
        sagemaker_session=session,
    )
    Context.create(
        context_name="endpoint",
        context_type="Endpoint",
        source_uri="made-by-hand",
        sagemaker_session=session,
    )
    context = EndpointContext.load("endpoint", sagemaker_session=session)
    Association.create(
        source_arn=data.artifact_arn,
        destination_arn=context.context_arn,
        association_type="ContributedTo",
        sagemaker_session=session,
    )
    (found,) = context.dataset_artifacts()
    assert found.artifact_arn == data.artifact_arn
    data.properties = {"rows": "3"}
    data.save()
    loaded = Artifact.load(data.artifact_arn, sagemaker_session=session)
    assert loaded.properties == {"rows": "3"}
    loaded.delete(disassociate=True)
    context.delete()
