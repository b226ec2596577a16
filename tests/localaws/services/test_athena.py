"""Athena through boto3: SQL that runs over objects in S3."""

import pytest
from botocore.exceptions import ClientError

from localaws.daemon import Connection
from tests.localaws.services.lake import (
    BUCKET,
    RESULTS,
    Aws,
    done,
    ended,
    failure,
    put,
    rows,
    scanned,
    started,
    table,
    two_flights,
)


@pytest.fixture
def flights(aws: Aws, bucket: str) -> None:
    """A table of two flights in CSV."""
    two_flights(aws)


def test_values_and_nulls_come_as_athena_prints_them(aws: Aws, flights: None) -> None:
    assert rows(aws, "SELECT * FROM flights ORDER BY flight DESC") == [
        ["carrier", "flight", "delay", "day"],
        ["UA", "1545", "2.5", "2013-01-01"],
        ["AA", "1141", None, "2013-01-02"],
    ]
    sql = """
        SELECT 7/2, 1e7 AS big, 0.0001e0 AS small, CAST(1 AS decimal(10,2)) AS d,
        ARRAY[1,2] AS a, MAP(ARRAY['k'], ARRAY[1]) AS m, true AS t,
        CAST(ROW(1, NULL) AS ROW(x int, y varchar)) AS r,
        TIMESTAMP '2013-01-01 05:00:00' AS ts, X'6568' AS b
    """
    assert rows(aws, sql) == [
        ["_col0", "big", "small", "d", "a", "m", "t", "r", "ts", "b"],
        [
            *["3", "1.0E7", "1.0E-4", "1.00", "[1, 2]", "{k=1}", "true"],
            *["{x=1, y=null}", "2013-01-01 05:00:00.000", "65 68"],
        ],
    ]


def test_the_result_is_an_object_in_quotes(aws: Aws, flights: None) -> None:
    execution = done(aws, "SELECT carrier, delay, 'a \"b\"' AS q FROM flights")
    uri = execution["ResultConfiguration"]["OutputLocation"]
    assert uri == f"{RESULTS}{execution['QueryExecutionId']}.csv"
    body = aws("s3").get_object(Bucket=BUCKET, Key=uri.partition(f"{BUCKET}/")[2])
    assert body["Body"].read().decode() == (
        '"carrier","delay","q"\n"UA","2.5","a ""b"""\n"AA",,"a ""b"""\n'
    )
    keys = aws("s3").list_objects_v2(Bucket=BUCKET, Prefix="results/")["Contents"]
    assert f"{uri.partition(f'{BUCKET}/')[2]}.metadata" in {one["Key"] for one in keys}


def test_types_of_columns(aws: Aws, flights: None) -> None:
    key = done(aws, "SELECT carrier, count(*) n, sum(delay) s FROM flights GROUP BY 1")
    answer = aws("athena").get_query_results(QueryExecutionId=key["QueryExecutionId"])
    columns = answer["ResultSet"]["ResultSetMetadata"]["ColumnInfo"]
    assert [(one["Name"], one["Type"], one["Precision"]) for one in columns] == [
        ("carrier", "varchar", 2147483647),
        ("n", "bigint", 19),
        ("s", "double", 17),
    ]


def test_pages_begin_with_the_header(aws: Aws, bucket: str) -> None:
    sql = "SELECT x FROM UNNEST(sequence(1, 5)) AS t(x)"
    key = done(aws, sql)["QueryExecutionId"]
    athena = aws("athena")
    pages, token = [], {}
    while True:
        answer = athena.get_query_results(QueryExecutionId=key, MaxResults=4, **token)
        found = [row["Data"][0]["VarCharValue"] for row in answer["ResultSet"]["Rows"]]
        pages.append(found)
        if "NextToken" not in answer:
            break
        token = {"NextToken": answer["NextToken"]}
    assert pages == [["x", "1", "2", "3"], ["4", "5"]]


def test_a_long_result_is_paged_to_its_end(aws: Aws, bucket: str) -> None:
    numbers = "UNNEST(sequence(1, 2500)) AS t(x)"
    sql = f"SELECT x, 'é' || CAST(x AS varchar) AS t FROM {numbers}"
    found = rows(aws, sql)
    assert len(found) == 2501
    assert found[-1] == ["2500", "é2500"]


def test_every_format_gives_the_same_rows(aws: Aws, flights: None) -> None:
    expected = rows(aws, "SELECT * FROM flights ORDER BY flight")
    for kind in ("PARQUET", "ORC", "AVRO", "JSON", "TEXTFILE"):
        columns = "carrier, flight, delay, day"
        if kind == "AVRO":
            columns = "carrier, flight, delay, CAST(day AS varchar) AS day"
        name = f"as_{kind.lower()}"
        done(
            aws,
            f"CREATE TABLE {name} WITH (format='{kind}') AS SELECT {columns} "
            "FROM flights",
        )
        assert rows(aws, f"SELECT * FROM {name} ORDER BY flight") == expected, kind


def test_quotes_count_for_opencsv_only(aws: Aws, bucket: str) -> None:
    put(aws, "q/a.csv", 'id,name\n1,"x, y"\n2,"say \\"hi\\""\n')
    table(
        aws,
        "CREATE EXTERNAL TABLE quoted (id int, name string) ROW FORMAT SERDE "
        "'org.apache.hadoop.hive.serde2.OpenCSVSerde' LOCATION 's3://on-time-desk/q/' "
        "TBLPROPERTIES ('skip.header.line.count'='1')",
    )
    table(
        aws,
        "CREATE EXTERNAL TABLE plain (id int, name string) ROW FORMAT DELIMITED "
        "FIELDS TERMINATED BY ',' LOCATION 's3://on-time-desk/q/' "
        "TBLPROPERTIES ('skip.header.line.count'='1')",
    )
    assert rows(aws, "SELECT * FROM quoted ORDER BY id")[1:] == [
        ["1", "x, y"],
        ["2", 'say "hi"'],
    ]
    assert rows(aws, "SELECT name FROM plain WHERE id = 1")[1:] == [['"x']]


def test_json_lines_with_nested_values(aws: Aws, bucket: str) -> None:
    put(aws, "j/a.json", '{"Id":1,"tags":["a","b"],"at":{"x":1.5}}\n{"Id":2}\n')
    table(
        aws,
        "CREATE EXTERNAL TABLE j (id int, tags array<string>, at struct<x:double>) ROW "
        "FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe' "
        "LOCATION 's3://on-time-desk/j/'",
    )
    sql = "SELECT id, at.x, t FROM j CROSS JOIN UNNEST(tags) AS u(t) ORDER BY t"
    assert rows(aws, sql) == [["id", "x", "t"], ["1", "1.5", "a"], ["1", "1.5", "b"]]
    put(aws, "j/b.json", "not json\n")
    assert failure(aws, "SELECT * FROM j").startswith(
        "HIVE_CURSOR_ERROR: Row is not a valid JSON Object - JSONException: not json"
    )


def test_a_token_gives_the_same_query(aws: Aws, bucket: str) -> None:
    token = "a" * 32
    first = started(aws, "SELECT 1", ClientRequestToken=token)
    assert started(aws, "SELECT 1", ClientRequestToken=token) == first
    with pytest.raises(ClientError, match="Idempotent parameters do not match"):
        started(aws, "SELECT 2", ClientRequestToken=token)
    ended(aws, first)


def test_stop_really_stops(aws: Aws, bucket: str) -> None:
    numbers = "UNNEST(sequence(1, 3000000))"
    key = started(
        aws,
        f"SELECT count(*) FROM {numbers} AS a(x) CROSS JOIN {numbers} AS b(y) "
        "WHERE x * y % 7 = 3",
    )
    athena = aws("athena")
    with pytest.raises(ClientError, match="has not yet finished"):
        athena.get_query_results(QueryExecutionId=key)
    athena.stop_query_execution(QueryExecutionId=key)
    status = ended(aws, key)["Status"]
    assert (status["State"], status["StateChangeReason"]) == (
        "CANCELLED",
        "Query cancelled by user",
    )
    with pytest.raises(ClientError, match="did not finish successfully"):
        athena.get_query_results(QueryExecutionId=key)


def test_the_learner_finds_executions_again(aws: Aws, bucket: str) -> None:
    first = done(aws, "SELECT 1")["QueryExecutionId"]
    second = done(aws, "SELECT 2")["QueryExecutionId"]
    athena = aws("athena")
    found = athena.list_query_executions()["QueryExecutionIds"]
    assert found[:2] == [second, first]
    answer = athena.batch_get_query_execution(QueryExecutionIds=[first, "x"])
    assert [one["Query"] for one in answer["QueryExecutions"]] == ["SELECT 1"]
    assert answer["UnprocessedQueryExecutionIds"][0]["QueryExecutionId"] == "x"
    with pytest.raises(ClientError, match="QueryExecution x was not found"):
        athena.get_query_execution(QueryExecutionId="x")


def test_the_query_sees_the_endpoints_time(endpoint: Connection, aws: Aws) -> None:
    aws("s3").create_bucket(Bucket=BUCKET)
    endpoint.control("POST", "clock", {"seconds": 86400})
    assert rows(aws, "SELECT current_date")[1:] == [["2026-01-06"]]


def test_explain_shows_a_plan_and_reads_nothing(aws: Aws, flights: None) -> None:
    found = rows(aws, "EXPLAIN SELECT count(*) FROM flights")
    assert any("READ_CSV" in str(row[0]) for row in found)
    assert scanned(aws, "EXPLAIN SELECT count(*) FROM flights") == 0


@pytest.mark.parametrize("kind", ["TEXTFILE", "JSON", "PARQUET", "ORC", "AVRO"])
def test_the_object_of_a_row_is_a_hidden_column(
    aws: Aws, flights: None, kind: str
) -> None:
    place = f"s3://{BUCKET}/parts/"
    done(
        aws,
        f"CREATE TABLE parts WITH (format = '{kind}', external_location = '{place}',"
        " partitioned_by = ARRAY['carrier']) AS SELECT flight, carrier FROM flights",
    )
    listed = aws("s3").list_objects_v2(Bucket=BUCKET, Prefix="parts/")["Contents"]
    aa, ua = (f"s3://{BUCKET}/{one['Key']}" for one in listed)
    assert "carrier=AA" in aa
    sql = 'SELECT *, p."$path" AS place FROM parts AS p ORDER BY flight'
    assert rows(aws, sql)[1:] == [["1141", "AA", aa], ["1545", "UA", ua]]
    assert rows(aws, f"SELECT flight FROM parts WHERE \"$path\" = '{ua}'")[1:] == [
        ["1545"]
    ]
    assert rows(aws, "SELECT * FROM parts WHERE flight = 1545")[1:] == [["1545", "UA"]]
    inner = 'SELECT "$path", count(*) AS n FROM parts GROUP BY "$path"'
    assert rows(aws, f"SELECT * FROM ({inner}) ORDER BY 1")[1:] == [
        [aa, "1"],
        [ua, "1"],
    ]
    sql = "SELECT \"$path\" FROM parts WHERE carrier = 'ZZ'"
    assert rows(aws, sql) == [["$path"]]
