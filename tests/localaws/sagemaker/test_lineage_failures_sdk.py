"""Lineage that cannot be made, joined or walked, through the SDK v3's classes."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from localaws.daemon import Connection

pytestmark = pytest.mark.filterwarnings("ignore")
ARN = "arn:aws:sagemaker:us-east-1:123456789012"
NONE = f"{ARN}:artifact/0123456789abcdef0123456789abcdef"


@pytest.fixture
def session(endpoint: Connection) -> Any:
    """A session of the SDK."""
    from sagemaker.core.helper.session_helper import Session

    return Session()


def artifact(session: Any, name: str) -> Any:
    """Make an artifact."""
    from sagemaker.core.lineage.artifact import Artifact

    return Artifact.create(
        artifact_name=name,
        artifact_type="DataSet",
        source_uri=f"s3://somewhere/{name}",
        sagemaker_session=session,
    )


def error(caught: pytest.ExceptionInfo[ClientError]) -> tuple[str, str]:
    """Return code and text of an error."""
    found = caught.value.response["Error"]
    return found["Code"], found["Message"]


@pytest.mark.parametrize("kind", ["action", "context"])
def test_a_name_that_nobody_has_or_somebody_has(session: Any, kind: str) -> None:
    from sagemaker.core.lineage import action, context

    entity = {"action": action.Action, "context": context.Context}[kind]
    with pytest.raises(ClientError) as caught:
        entity.load("none", sagemaker_session=session)
    assert error(caught)[0] == "ResourceNotFound"
    given = {
        f"{kind}_name": "approval",
        f"{kind}_type": "Approval",
        "source_uri": "s3://somewhere/a",
        "sagemaker_session": session,
    }
    made = entity.create(**given)
    with pytest.raises(ClientError) as caught:
        entity.create(**given)
    assert error(caught)[0] == "ValidationException"
    assert error(caught)[1].startswith(f"Cannot create already existing {kind}")
    made.delete()
    for call in (made.save, made.delete):
        with pytest.raises(ClientError) as caught:
            call()
        assert error(caught)[0] == "ResourceNotFound"


def test_an_artifact_that_is_not_there(session: Any) -> None:
    from sagemaker.core.lineage.artifact import Artifact

    for call in (
        lambda: Artifact.load(NONE, sagemaker_session=session),
        lambda: Artifact(session, artifact_arn=NONE).delete(),
        lambda: Artifact(session, artifact_arn=NONE, properties={}).save(),
    ):
        with pytest.raises(ClientError) as caught:
            call()
        assert error(caught) == ("ResourceNotFound", f"Artifact {NONE} does not exist.")


def test_associations_that_cannot_be(session: Any) -> None:
    from sagemaker.core.lineage.association import Association

    one, two = artifact(session, "one"), artifact(session, "two")

    def join(source: str, destination: str) -> Any:
        return Association.create(
            source_arn=source,
            destination_arn=destination,
            association_type="ContributedTo",
            sagemaker_session=session,
        )

    for pair in ((one.artifact_arn, NONE), (NONE, two.artifact_arn)):
        with pytest.raises(ClientError) as caught:
            join(*pair)
        assert error(caught)[0] == "ResourceNotFound"
    made = join(one.artifact_arn, two.artifact_arn)
    join(one.artifact_arn, two.artifact_arn)
    listed = Association.list(source_arn=one.artifact_arn, sagemaker_session=session)
    assert [found.destination_arn for found in listed] == [two.artifact_arn]
    for held in (one, two):
        with pytest.raises(ClientError, match="association") as caught:
            held.delete()
        assert error(caught)[0] == "ValidationException"
    made.delete()
    with pytest.raises(ClientError) as caught:
        made.delete()
    assert error(caught)[0] == "ResourceNotFound"
    one.delete()
    two.delete()


def test_a_walk_needs_a_start_that_is_there(session: Any) -> None:
    from sagemaker.core.lineage.query import LineageQuery

    with pytest.raises(ClientError) as caught:
        LineageQuery(session).query(start_arns=[NONE])
    assert error(caught)[0] == "ResourceNotFound"
