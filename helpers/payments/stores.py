"""One table in each of four stores, and a scratch volume that is too slow."""

import io
import time
from typing import Any

from helpers.payments import scratch, shared_files
from helpers.payments.naming import Clients, Given, bucket_made, there
from helpers.payments.tables import Tables, draw

PATIENCE = 300
PARTS = 4
# So long that the terminals fill more than one page of a scan.
PADDING = "0" * 2_900


def land(given: Given, aws: Clients) -> Given:
    """Fill the four stores, once.

    Returns:
        What was given, with more of `scratch`: the ids of the slow volume, of its
        instance and of the command of the night; and `files`, where the receipts are:
        the DataSync `location` of their folder, the `role` with which DataSync may
        write to the bucket, and the `name` of the file.
    """
    tables = draw(given["seed"])
    bucket_made(aws, given["bucket"])
    _objects(given, tables, aws)
    _database(given["database"], tables, aws)
    _table(given["table"], tables, aws)
    receipts = tables.receipts.to_csv(index=False).encode()
    files = shared_files.land(given["bucket"], "receipts.csv.gz", receipts, aws)
    slow = scratch.land(given["bucket"], given["seed"], aws)
    return given | {"scratch": given["scratch"] | slow, "files": files}


def _objects(given: Given, tables: Tables, aws: Clients) -> None:
    payments = tables.payments
    size = -(-len(payments) // PARTS)
    keys = [f"{given['payments']}part-{part:02}.parquet" for part in range(PARTS)]
    if there(aws, given["bucket"], keys[-1]):
        return
    for part, key in enumerate(keys):
        body = io.BytesIO()
        rows = payments.iloc[part * size : (part + 1) * size]
        rows.to_parquet(body, index=False)
        aws("s3").put_object(Bucket=given["bucket"], Key=key, Body=body.getvalue())


def _database(given: Given, tables: Tables, aws: Clients) -> None:
    import psycopg

    rds, name = aws("rds"), given["instance"]
    found = rds.describe_db_instances()["DBInstances"]
    if name not in [each["DBInstanceIdentifier"] for each in found]:
        rds.create_db_instance(
            DBInstanceIdentifier=name,
            Engine="postgres",
            DBInstanceClass="db.t4g.medium",
            AllocatedStorage=20,
            DBName=given["name"],
            MasterUsername=given["user"],
            MasterUserPassword=given["password"],
        )
    instance = _available(rds, name)
    where = {"host": instance["Endpoint"]["Address"]}
    where |= {"port": instance["Endpoint"]["Port"], "dbname": given["name"]}
    where |= {"user": given["user"], "password": given["password"]}
    with psycopg.connect(**where) as connection:
        known = connection.execute("SELECT to_regclass(%s)", [given["table"]])
        if (known.fetchone() or [None])[0] is not None:
            return
        connection.execute(
            "CREATE TABLE customers"
            " (customer_id text PRIMARY KEY, tier text NOT NULL, since date NOT NULL)"
        )
        rows = tables.customers.itertuples(index=False, name=None)
        with connection.cursor().copy("COPY customers FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)


def _available(rds: Any, name: str) -> Any:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        (found,) = rds.describe_db_instances(DBInstanceIdentifier=name)["DBInstances"]
        if found["DBInstanceStatus"] == "available":
            return found
        time.sleep(0.1)
    raise TimeoutError(f"the DB instance {name} is not available")


def _table(name: str, tables: Tables, aws: Clients) -> None:
    dynamodb = aws("dynamodb")
    if name not in dynamodb.list_tables()["TableNames"]:
        key = "terminal_id"
        dynamodb.create_table(
            TableName=name,
            AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"}],
            KeySchema=[{"AttributeName": key, "KeyType": "HASH"}],
            BillingMode="PAY_PER_REQUEST",
        )
        dynamodb.get_waiter("table_exists").wait(TableName=name)
    elif dynamodb.scan(TableName=name, Select="COUNT", Limit=1)["Count"]:
        return
    rows = tables.terminals.assign(firmware=PADDING).to_dict("records")
    items = [{k: {"S": value} for k, value in row.items()} for row in rows]
    for start in range(0, len(items), 25):
        left = [{"PutRequest": {"Item": item}} for item in items[start : start + 25]]
        while left:
            answer = dynamodb.batch_write_item(RequestItems={name: left})
            left = answer["UnprocessedItems"].get(name, [])


def secret(number: int) -> str:
    """Give a password that PostgreSQL and Amazon RDS take."""
    return f"terminal-{number:012x}"
