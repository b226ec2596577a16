"""Where detailed results go: a bucket, and the key that seals them."""

from botocore.exceptions import ClientError

from localaws import policies
from localaws.errors import AwsError, ValidationError
from localaws.services.context import Context
from localaws.services.macie2.documents import ACCOUNT, EXPORT, Members
from localaws.services.macie2.role import PRINCIPAL
from localaws.services.records import Records


def put(context: Context, given: Members) -> Members:
    """Answer PutClassificationExportConfiguration."""
    configuration = given["configuration"]
    place = configuration.get("s3Destination")
    if not place:
        raise ValidationError("The configuration needs s3Destination.")
    if place.get("expectedBucketOwner", ACCOUNT) != ACCOUNT:
        raise AwsError(
            "AccessDeniedException",
            f"The bucket {place['bucketName']} has another owner.",
            403,
        )
    prefix = place.get("keyPrefix", "")
    if prefix and not prefix.endswith("/"):
        place = {**place, "keyPrefix": f"{prefix}/"}
    _demand_bucket(context, place)
    _demand_key(context, place["kmsKeyArn"])
    kept = {"s3Destination": place}
    context.part(Records).put(EXPORT, EXPORT, kept)
    return {"configuration": kept}


def _demand_bucket(context: Context, place: Members) -> None:
    name = place["bucketName"]
    try:
        policy = context.aws.client("s3").get_bucket_policy(Bucket=name)["Policy"]
    except ClientError as error:
        if error.response["Error"]["Code"] == "NoSuchBucket":
            raise ValidationError(f"The bucket {name} doesn't exist.") from error
        policy = None
    resource = f"arn:aws:s3:::{name}/{place.get('keyPrefix', '')}AWSLogs/{ACCOUNT}/x"
    if policy is None or not _allows(context, policy, "s3:PutObject", resource):
        raise _denied(f"the policy of the bucket {name}", "s3:PutObject")


def _demand_key(context: Context, arn: str) -> None:
    kms = context.aws.client("kms")
    try:
        key = kms.describe_key(KeyId=arn)["KeyMetadata"]
        found = kms.get_key_policy(KeyId=key["KeyId"], PolicyName="default")["Policy"]
    except ClientError as error:
        raise ValidationError(f"The KMS key {arn} wasn't found.") from error
    if key["KeySpec"] != "SYMMETRIC_DEFAULT" or not key["Enabled"]:
        raise ValidationError(f"The KMS key {arn} is no enabled, symmetric key.")
    if not _allows(context, found, "kms:GenerateDataKey", key["Arn"]):
        raise _denied(f"the policy of the key {arn}", "kms:GenerateDataKey")


def _allows(context: Context, policy: str, action: str, resource: str) -> bool:
    region = context.aws.region
    keys = {
        "aws:sourceaccount": (ACCOUNT,),
        "aws:sourcearn": (f"arn:aws:macie2:{region}:{ACCOUNT}:classification-job/x",),
        "aws:securetransport": ("true",),
        "s3:x-amz-server-side-encryption": ("aws:kms",),
    }
    question = policies.Question(action, resource, keys)
    macie = policies.Principal(PRINCIPAL, ACCOUNT, kind="service")
    return policies.weigh(question, policies.parse(policy, "resource"), macie).kind == (
        "allowed"
    )


def _denied(what: str, action: str) -> AwsError:
    return AwsError(
        "AccessDeniedException",
        f"Macie isn't allowed to store results: {what} must allow {action} to the "
        f"service {PRINCIPAL}.",
        403,
    )


def get(context: Context, given: Members) -> Members:
    """Answer GetClassificationExportConfiguration."""
    return {"configuration": context.part(Records).get(EXPORT, EXPORT)}


OPERATIONS = {
    "PutClassificationExportConfiguration": put,
    "GetClassificationExportConfiguration": get,
}
