s3, athena = boto3.client("s3"), boto3.client("athena")
s3.create_bucket(Bucket="athena-out-of-the-way")
for sql in (
    "SELECT * FROM read_csv('/proc/self/environ')",
    "SELECT * FROM read_text('/proc/1/environ')",
    "SELECT * FROM glob('/**')",
    "COPY (SELECT 1) TO '/tmp/EXFILTRATED'",
    "ATTACH '/tmp/x.db'",
    "INSTALL httpfs",
):
    try:
        started = athena.start_query_execution(
            QueryString=sql,
            ResultConfiguration={"OutputLocation": "s3://athena-out-of-the-way/"},
        )
        told = athena.get_query_execution(QueryExecutionId=started["QueryExecutionId"])
        print(told["QueryExecution"]["Status"])
    except Exception as error:
        print(error)
