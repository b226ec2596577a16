"""Put tests and letters into a bucket of the drawn Region, and make an outsider."""

import json
from typing import Any

from helpers.patients.files import draw
from helpers.payments.naming import Clients, Given, bucket_made

TESTS, LETTERS, MARKED = "tests.csv", "letters.txt", "marked.jsonl"


def land(given: Given, aws: Clients | None = None) -> Given:
    """Put what is to be released into AWS, once.

    Args:
        given: what `check.inputs` has drawn.
        aws: makes clients, as boto3.client does, which is the default.

    Returns:
        What the answer to the task is given.
    """
    if aws is None:
        from boto3 import client as aws
    drawn, source = draw(given["seed"]), given["source"]
    if bucket_made(aws, source):
        s3 = aws("s3")
        marked = "".join(f"{json.dumps(note)}\n" for note in drawn.marked)
        bodies = {
            TESTS: drawn.tests.to_csv(index=False),
            LETTERS: "\n".join(note["text"] for note in drawn.letters),
            MARKED: marked,
        }
        for key, body in bodies.items():
            s3.put_object(Bucket=source, Key=key, Body=body.encode())
    return {
        "tests": f"s3://{source}/{TESTS}",
        "letters": f"s3://{source}/{LETTERS}",
        "marked": f"s3://{source}/{MARKED}",
        "bucket": given["bucket"],
        "region": given["region"],
    }


def outsider(given: Given, aws: Clients) -> dict[str, Any]:
    """Give keys of a role that may read every object, and use no key."""
    iam, sts = aws("iam"), aws("sts")
    account = sts.get_caller_identity()["Account"]
    name = given["outsider"]
    trust = _document("sts:AssumeRole", Principal={"AWS": account})
    try:
        role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]
    except iam.exceptions.EntityAlreadyExistsException:
        role = iam.get_role(RoleName=name)["Role"]
    reads = _document("s3:GetObject", Resource="*")
    iam.put_role_policy(RoleName=name, PolicyName="read", PolicyDocument=reads)
    session = sts.assume_role(RoleArn=role["Arn"], RoleSessionName="outsider")
    return session["Credentials"]


def _document(action: str, **more: Any) -> str:
    statement = {"Effect": "Allow", "Action": action, **more}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
