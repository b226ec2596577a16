"""Users, groups and sessions of roles: what their policies let them do."""

import json
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.localaws.access import (
    ACCOUNT,
    User,
    allow,
    deny,
    document,
    refused,
    session,
)

Aws = Callable[[str], Any]
ROOT = f"arn:aws:iam::{ACCOUNT}:root"
INSIDE = "arn:aws:s3:::on-time-desk/*"


def trusting(*principals: str, **condition: Any) -> str:
    """Return a trust policy."""
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": list(principals)},
        "Action": "sts:AssumeRole",
    }
    return document({**statement, **condition})


def role(name: str, trust: str, *statements: Any, **more: Any) -> str:
    """Make a role and return its ARN."""
    iam = boto3.client("iam")
    made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust, **more)
    if statements:
        iam.put_role_policy(
            RoleName=name, PolicyName="p", PolicyDocument=document(*statements)
        )
    return made["Role"]["Arn"]


@pytest.fixture
def s3(aws: Aws, bucket: str) -> Any:
    """A client of the administrator, with two objects in the bucket."""
    made = aws("s3")
    for key in ("guest/a", "ada/b"):
        made.put_object(Bucket=bucket, Key=key, Body=b"1")
    return made


def test_a_user_may_what_its_policies_say(s3: Any, bucket: str) -> None:
    mine = f"arn:aws:s3:::{bucket}/${{aws:username}}/*"
    condition = {"StringLike": {"s3:prefix": "${aws:username}/*"}}
    guest = User(
        "guest",
        allow("s3:GetObject", "s3:PutObject", on=mine),
        allow("s3:ListBucket", Condition=condition),
    )
    theirs = guest.client("s3")
    assert theirs.get_object(Bucket=bucket, Key="guest/a")["Body"].read() == b"1"
    said = refused(lambda: theirs.get_object(Bucket=bucket, Key="ada/b"))
    assert said == (
        f"User: {guest.arn} is not authorized to perform: s3:GetObject on resource: "
        f'"arn:aws:s3:::{bucket}/ada/b" because no identity-based policy allows the '
        "s3:GetObject action"
    )
    listed = theirs.list_objects_v2(Bucket=bucket, Prefix="guest/")
    assert listed["KeyCount"] == 1
    refused(lambda: theirs.list_objects_v2(Bucket=bucket), "s3:ListBucket")
    refused(lambda: theirs.list_buckets(), "s3:ListAllMyBuckets")
    refused(lambda: theirs.delete_object(Bucket=bucket, Key="guest/a"))
    copy = {"Bucket": bucket, "Key": "guest/c", "CopySource": f"{bucket}/ada/b"}
    refused(lambda: theirs.copy_object(**copy), "s3:GetObject")
    theirs.copy_object(**{**copy, "CopySource": f"{bucket}/guest/a"})
    refused(
        lambda: theirs.put_object_tagging(
            Bucket=bucket, Key="guest/a", Tagging={"TagSet": []}
        )
    )


def test_what_is_missing_is_told_to_those_who_may_list(s3: Any, bucket: str) -> None:
    guest = User("guest", allow("s3:GetObject"))
    theirs = guest.client("s3")
    refused(lambda: theirs.get_object(Bucket=bucket, Key="none"), "s3:ListBucket")
    guest.may(allow("s3:GetObject", "s3:ListBucket"))
    with pytest.raises(ClientError, match="NoSuchKey"):
        theirs.get_object(Bucket=bucket, Key="none")


def test_versions_have_actions_of_their_own(s3: Any, bucket: str) -> None:
    on = {"Status": "Enabled"}
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration=on)
    made = s3.put_object(Bucket=bucket, Key="v", Body=b"2")["VersionId"]
    guest = User("guest", allow("s3:GetObject", "s3:DeleteObject"))
    theirs, one = guest.client("s3"), {"Bucket": bucket, "Key": "v"}
    assert theirs.get_object(**one)["Body"].read() == b"2"
    refused(lambda: theirs.get_object(**one, VersionId=made), "s3:GetObjectVersion")
    refused(lambda: theirs.delete_object(**one, VersionId=made), "ObjectVersion")
    theirs.delete_object(**one)


def test_a_deny_in_an_identity_policy_wins(s3: Any, bucket: str) -> None:
    guest = User("guest", allow("s3:*"), deny("s3:DeleteObject", on=INSIDE))
    theirs = guest.client("s3")
    said = refused(lambda: theirs.delete_object(Bucket=bucket, Key="ada/b"))
    assert said.endswith("with an explicit deny in an identity-based policy")
    named = allow("s3:DeleteObject", on=INSIDE, Principal={"AWS": guest.arn})
    s3.put_bucket_policy(Bucket=bucket, Policy=document(named))
    refused(lambda: theirs.delete_object(Bucket=bucket, Key="ada/b"))


def test_tags_of_the_principal_and_time_decide(s3: Any, bucket: str) -> None:
    desk = {"StringEquals": {"aws:PrincipalTag/desk": "delays"}}
    early = {"DateLessThan": {"aws:CurrentTime": "2026-02-01T00:00:00Z"}}
    guest = User(
        "guest",
        allow("s3:GetObject", Condition={**desk, **early}),
        Tags=[{"Key": "desk", "Value": "delays"}],
    )
    read = {"Bucket": bucket, "Key": "ada/b"}
    guest.client("s3").get_object(**read)
    boto3.client("iam").untag_user(UserName="guest", TagKeys=["desk"])
    refused(lambda: guest.client("s3").get_object(**read))


def test_a_role_is_assumed_by_those_it_trusts(s3: Any, bucket: str) -> None:
    guest, other = User("guest"), User("other", allow("sts:AssumeRole"))
    sts = guest.client("sts")
    arn = role("reader", trusting(guest.arn), allow("s3:GetObject"))
    keys = session(arn, sts)
    theirs = boto3.client("s3", **keys)
    assert theirs.get_object(Bucket=bucket, Key="ada/b")["Body"].read() == b"1"
    put = {"Bucket": bucket, "Key": "x", "Body": b""}
    said = refused(lambda: theirs.put_object(**put))
    assert f"User: arn:aws:sts::{ACCOUNT}:assumed-role/reader/work is not" in said
    refused(lambda: session(arn, other.client("sts")), "sts:AssumeRole")
    refused(lambda: session(arn), "user/learner is not authorized")
    iam = boto3.client("iam")
    iam.update_assume_role_policy(RoleName="reader", PolicyDocument=trusting(ROOT))
    session(arn, other.client("sts"))
    refused(lambda: session(arn, sts), "sts:AssumeRole")
    session(arn)


def test_the_conditions_of_a_trust_policy(s3: Any) -> None:
    condition = {"StringEquals": {"sts:ExternalId": "desk-7"}}
    arn = role("partner", trusting(ROOT, Condition=condition))
    refused(lambda: session(arn), "sts:AssumeRole")
    refused(lambda: session(arn, ExternalId="desk-8"))
    session(arn, ExternalId="desk-7")
    with pytest.raises(ClientError, match="Tags"):
        session(arn, ExternalId="desk-7", Tags=[{"Key": "a", "Value": "b"}])
    with pytest.raises(ClientError, match="MalformedPolicyDocument"):
        session(arn, ExternalId="desk-7", Policy=json.dumps({"Version": "2012-10-17"}))


def test_sessions_and_boundaries_limit(s3: Any, bucket: str) -> None:
    arn = role("wide", trusting(ROOT), allow("s3:*"))
    narrow = document(allow("s3:GetObject", on=f"arn:aws:s3:::{bucket}/guest/*"))
    theirs = boto3.client("s3", **session(arn, Policy=narrow))
    theirs.get_object(Bucket=bucket, Key="guest/a")["Body"].close()
    said = refused(lambda: theirs.get_object(Bucket=bucket, Key="ada/b"))
    assert said.endswith("because no session policy allows the s3:GetObject action")
    bound = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
    arn = role("bound", trusting(ROOT), allow("s3:*"), PermissionsBoundary=bound)
    theirs = boto3.client("s3", **session(arn))
    theirs.get_object(Bucket=bucket, Key="ada/b")["Body"].close()
    put = {"Bucket": bucket, "Key": "x", "Body": b""}
    said = refused(lambda: theirs.put_object(**put))
    assert said.endswith("no permissions boundary allows the s3:PutObject action")
    iam = boto3.client("iam")
    iam.delete_role_permissions_boundary(RoleName="bound")
    theirs.put_object(**put)
    nothing = "arn:aws:iam::aws:policy/AmazonSQSReadOnlyAccess"
    iam.put_role_permissions_boundary(RoleName="bound", PermissionsBoundary=nothing)
    refused(lambda: theirs.get_object(Bucket=bucket, Key="ada/b"), "boundary")


def test_other_services_are_held_too(s3: Any) -> None:
    table = f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/hours"
    key = {"AttributeName": "key"}
    boto3.client("dynamodb").create_table(
        TableName="hours",
        AttributeDefinitions=[{**key, "AttributeType": "S"}],
        KeySchema=[{**key, "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )
    guest = User("guest", allow("dynamodb:GetItem", on=table))
    theirs, item = guest.client("dynamodb"), {"key": {"S": "a"}}
    theirs.get_item(TableName="hours", Key=item)
    refused(
        lambda: theirs.put_item(TableName="hours", Item=item),
        "dynamodb:PutItem",
        "AccessDeniedException",
    )


def test_every_service_asks_for_its_action(aws: Aws) -> None:
    guest = User("guest")
    code = "AccessDeniedException"
    jobs, functions = guest.client("sagemaker"), guest.client("lambda")
    refused(jobs.list_training_jobs, "sagemaker:ListTrainingJobs", code)
    refused(functions.list_functions, "lambda:ListFunctions", code)
    refused(guest.client("ec2").describe_vpcs, "ec2:", "UnauthorizedOperation")
    refused(guest.client("iam").list_users, "iam:ListUsers")
    records = guest.client("sagemaker-featurestore-runtime")
    one = {"FeatureGroupName": "f", "RecordIdentifierValueAsString": "1"}
    refused(lambda: records.get_record(**one), "sagemaker:GetRecord", code)
    runtime = guest.client("sagemaker-runtime")
    refused(lambda: runtime.invoke_endpoint(EndpointName="e", Body=b""), "Invoke", code)
    assert guest.client("sts").get_caller_identity()["Arn"] == guest.arn
    job = f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:training-job/"
    guest.may(
        allow("sagemaker:Describe*", on=f"{job}delays"),
        allow("lambda:*", on=f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:desk"),
        deny("lambda:Delete*"),
    )
    for name, said in (("delays", "not found"), ("fares", "not authorized")):
        with pytest.raises(ClientError, match=said):
            jobs.describe_training_job(TrainingJobName=name)
    with pytest.raises(ClientError, match="ResourceNotFound"):
        functions.get_function(FunctionName="desk")
    refused(lambda: functions.get_function(FunctionName="fares"), ".", code)
    refused(
        lambda: functions.delete_function(FunctionName="desk"), "explicit deny", code
    )
    refused(functions.list_functions, "lambda:ListFunctions", code)


def test_a_policy_binds_the_administrator_too(s3: Any, bucket: str) -> None:
    boto3.client("iam").put_user_policy(
        UserName="learner",
        PolicyName="careful",
        PolicyDocument=document(deny("s3:DeleteObject")),
    )
    said = refused(lambda: s3.delete_object(Bucket=bucket, Key="ada/b"))
    assert "user/learner" in said
    s3.get_object(Bucket=bucket, Key="ada/b")["Body"].close()
