# What a student has who attacks the endpoint: this runs in his room, before each order.
import io
import json
import tarfile
import zipfile

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

ONCE = Config(retries={"total_max_attempts": 1}, read_timeout=200)
CODE = """
def handler(event, context):
    names = {}
    try:
        exec(event["code"], names)
    except BaseException as error:
        return {"error": f"{type(error).__name__}: {error}"}
    return names.get("answer")
"""
d: dict = {}
HELD = {"FunctionName": "inside", "Runtime": "python3.11", "Handler": "code.handler"}


def client(service, who="student"):
    told = d[who]
    return boto3.client(
        service,
        endpoint_url=told["url"],
        region_name="us-east-1",
        aws_access_key_id=told["access_key"],
        aws_secret_access_key=told["secret_key"],
        config=ONCE,
    )


def tried(call, **words):
    try:
        call(**words)
    except (ClientError, BotoCoreError) as error:
        return str(error)
    return "done"


def role(name="work", *services):
    iam = client("iam")
    try:
        return iam.get_role(RoleName=name)["Role"]["Arn"]
    except iam.exceptions.NoSuchEntityException:
        pass
    asks = {
        "Effect": "Allow",
        "Principal": {"Service": ["lambda.amazonaws.com", "sagemaker.amazonaws.com"]},
        "Action": "sts:AssumeRole",
    }
    document = json.dumps({"Version": "2012-10-17", "Statement": [asks]})
    made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=document)
    for policy in ("AmazonSageMakerFullAccess", "AmazonS3FullAccess"):
        arn = f"arn:aws:iam::aws:policy/{policy}"
        iam.attach_role_policy(RoleName=name, PolicyArn=arn)
    return made["Role"]["Arn"]


def inside(code):
    functions = client("lambda")
    try:
        functions.get_function(FunctionName="inside")
    except functions.exceptions.ResourceNotFoundException:
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr("code.py", CODE)
        told = {"Timeout": 120, "MemorySize": 512}
        given = {"ZipFile": packed.getvalue()}
        functions.create_function(**HELD, **told, Role=role(), Code=given)
        functions.get_waiter("function_active_v2").wait(FunctionName="inside")
    payload = json.dumps({"code": code})
    got = functions.invoke(FunctionName="inside", Payload=payload)
    return json.load(got["Payload"])


def archive(*members):
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz", compresslevel=1) as tar:
        for member, size in members:
            member.size = size
            tar.addfile(member, io.BytesIO(bytes(size)) if size else None)
    return packed.getvalue()


def member(name, kind=tarfile.REGTYPE, link=""):
    found = tarfile.TarInfo(name)
    found.type, found.linkname = kind, link
    return found
