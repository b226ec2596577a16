"""The sealed endpoint: data, archives, keys and queries that attack it."""

ARCHIVES = """
import time
SKLEARN = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.4-2"
s3, sagemaker = client("s3"), client("sagemaker")
s3.create_bucket(Bucket="models")
hostile = {
    "climbs": archive((member("../../../../../desk/home/escaped"), 9)),
    "absolute": archive((member("/desk/home/escaped"), 9)),
    "link": archive((member("in", tarfile.SYMTYPE, "/desk/home"), 0),
                    (member("in/escaped"), 9)),
    "hard": archive((member("in", tarfile.LNKTYPE, "/etc/passwd"), 0)),
    "device": archive((member("in", tarfile.CHRTYPE), 0)),
    "pipe": archive((member("in", tarfile.FIFOTYPE), 0)),
    "bomb": archive((member("in"), 200 << 20)),
}
for name, body in hostile.items():
    s3.put_object(Bucket="models", Key=f"{name}.tar.gz", Body=body)
    sagemaker.create_model(
        ModelName=name, ExecutionRoleArn=role(), PrimaryContainer={
            "Image": SKLEARN, "ModelDataUrl": f"s3://models/{name}.tar.gz"})
    variant = {"VariantName": "one", "ModelName": name, "InitialInstanceCount": 1,
               "InstanceType": "ml.m5.large"}
    sagemaker.create_endpoint_config(
        EndpointConfigName=name, ProductionVariants=[variant])
    sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)
answer = {}
end = time.monotonic() + 200
while len(answer) < len(hostile) and time.monotonic() < end:
    for name in hostile:
        told = sagemaker.describe_endpoint(EndpointName=name)
        if told["EndpointStatus"] != "Creating":
            answer[name] = [told["EndpointStatus"], told.get("FailureReason", "")]
    time.sleep(0.2)
"""
HOME = """
import os
answer = sorted(os.listdir("/desk/home"))
"""
KEYS = """
import time
s3, sagemaker = client("s3"), client("sagemaker")
s3.create_bucket(Bucket="keys")
hostile = ["in/../../../../escaped", "in//desk/home/escaped", "in/a\\x1b[31m\\x07",
           "in/=HYPERLINK(1)", "in/" + "k" * 900]
stored = [tried(s3.put_object, Bucket="keys", Key=key, Body=b"x") for key in hostile]
listed = s3.list_objects_v2(Bucket="keys", EncodingType="url")["KeyCount"]
sagemaker.create_training_job(
    TrainingJobName="keys", RoleArn=role(), StoppingCondition={},
    AlgorithmSpecification={
        "TrainingImage": "683313688378.dkr.ecr.us-east-1.amazonaws.com/"
        "sagemaker-xgboost:3.0-5", "TrainingInputMode": "File"},
    HyperParameters={"num_round": "1"},
    InputDataConfig=[{"ChannelName": "train", "DataSource": {"S3DataSource": {
        "S3DataType": "S3Prefix", "S3Uri": "s3://keys/in/"}}}],
    OutputDataConfig={"S3OutputPath": "s3://keys/out"},
    ResourceConfig={"InstanceType": "ml.m5.large", "InstanceCount": 1,
                    "VolumeSizeInGB": 1},
)
end = time.monotonic() + 100
while time.monotonic() < end:
    told = sagemaker.describe_training_job(TrainingJobName="keys")
    if told["TrainingJobStatus"] in ("Failed", "Completed"):
        break
    time.sleep(0.2)
answer = [stored, listed, told["TrainingJobStatus"], told.get("FailureReason", "")]
"""
QUERIES = """
import time
s3, athena = client("s3"), client("athena")
s3.create_bucket(Bucket="results")
answer = {}
for sql in (
    "SELECT * FROM read_csv('/proc/1/environ')",
    "SELECT * FROM read_text('/desk/home/journal')",
    "SELECT * FROM '/etc/passwd'",
    "SELECT getenv('HOME')",
    "ATTACH '/desk/home/run/new.db'",
    "COPY (SELECT 1) TO '/desk/home/run/new.csv'",
    "INSTALL httpfs",
    "SET enable_external_access = true",
):
    place = {"OutputLocation": "s3://results/"}
    try:
        key = athena.start_query_execution(QueryString=sql, ResultConfiguration=place)
    except ClientError as error:
        answer[sql] = error.response["Error"]["Code"]
        continue
    state = "RUNNING"
    while state in ("QUEUED", "RUNNING"):
        time.sleep(0.1)
        told = athena.get_query_execution(QueryExecutionId=key["QueryExecutionId"])
        state = told["QueryExecution"]["Status"]["State"]
    answer[sql] = state
"""
DATABASE = """
import time

import psycopg
rds = client("rds")
given = {"DBInstanceIdentifier": "desk", "Engine": "postgres", "AllocatedStorage": 20,
         "DBInstanceClass": "db.t3.micro", "MasterUsername": "maria",
         "MasterUserPassword": "a secret word"}
broken = given | {"MasterUserPassword": "xxxxxxxx'\\nCOPY t FROM PROGRAM 'id'\\n"}
answer = [tried(rds.create_db_instance, **broken)]
rds.create_db_instance(**given)
end = time.monotonic() + 200
status = ""
while status != "available" and time.monotonic() < end:
    time.sleep(0.2)
    (found,) = rds.describe_db_instances()["DBInstances"]
    status = found["DBInstanceStatus"]
port = found["Endpoint"]["Port"]
with psycopg.connect(host="127.0.0.1", port=port, user="maria", dbname="postgres",
                     password="a secret word", autocommit=True) as wire:
    for sql in (
        "COPY (SELECT 1) TO PROGRAM 'id'",
        "COPY (SELECT 1) TO '/desk/home/run/new'",
        "SELECT pg_read_file('/etc/passwd')",
        "SELECT pg_ls_dir('/desk/home')",
        "SELECT lo_import('/etc/passwd')",
        "CREATE EXTENSION file_fdw",
        "CREATE EXTENSION dblink",
        "CREATE EXTENSION plpython3u",
        "ALTER SYSTEM SET archive_command = 'id'",
        "ALTER ROLE maria SUPERUSER",
        "GRANT pg_execute_server_program TO maria",
        "SET ROLE rdsadmin",
        "CREATE FUNCTION f() RETURNS int LANGUAGE c AS '/usr/lib/x.so', 'f'",
    ):
        try:
            wire.execute(sql)
            answer.append(f"done: {sql}")
        except psycopg.Error as error:
            answer.append(error.sqlstate)
"""
FOLDERS = ["filesystems", "flink", "kafka", "rds", "run"]


def test_model_archives_unpack_nowhere_else_and_have_a_bound(sealed) -> None:
    found = sealed.run(ARCHIVES)
    assert {name: status for name, (status, _) in found.items()} == {
        name: "Failed"
        for name in ("climbs", "absolute", "link", "hard", "device", "pipe", "bomb")
    }
    assert sealed.inside(HOME) == FOLDERS
    assert sealed.run('answer = tried(client("s3", "prober").list_buckets)') == "done"


def test_keys_of_objects_lead_nowhere(sealed) -> None:
    stored, listed, status, reason = sealed.run(KEYS)
    assert listed == stored.count("done")
    assert status == "Failed"
    assert "leaves the channel's folder" in reason
    assert sealed.inside(HOME) == FOLDERS


def test_queries_reach_no_file_and_no_setting(sealed) -> None:
    found = sealed.run(QUERIES)
    assert set(found.values()) <= {"FAILED", "InvalidRequestException"}, found
    assert len(found) == 8


def test_the_owner_of_a_database_has_its_data_and_no_program(sealed) -> None:
    broken, *refused = sealed.run(DATABASE)
    assert "InvalidParameterValue" in broken
    # insufficient privilege, or nothing there to be had
    assert set(refused) <= {"42501", "0A000", "58P01", "42704"}, refused
    assert len(refused) == 13
