"""No query tells of a row or a column that is hidden."""

from collections.abc import Iterator

import boto3
import pytest

from localaws import client
from localaws.daemon import Connection
from tests.localaws.access import allow
from tests.localaws.lakeformation import lake
from tests.localaws.lakeformation.lake import Analyst, cells, grant, told
from tests.localaws.services.lake import done, rows, scanned, started

# The phones, and what is known of who is not from the US.
HIDDEN = ("555-", "phone", "Secret", "KP", "hidden", "Cy Vane", "Di Moor", "GB", "77")
# Each with how its answer begins, or None for rows.
TRICKS = [
    ("SELECT * FROM people UNION ALL SELECT * FROM desk.people", None),
    ("WITH people AS (SELECT * FROM desk.people) SELECT * FROM people", None),
    ('SELECT "PEOPLE".* FROM "Desk"."PEOPLE"', None),
    ("SELECT max(name), min(age), array_agg(country) FROM people", None),
    ("SELECT name, max(age) OVER (), count(*) OVER () FROM people", None),
    ("SELECT name FROM people WHERE country = 'KP' OR true", None),
    ("SELECT (SELECT max(name) FROM people q WHERE q.age > p.age) FROM people p", None),
    ("SELECT p.* FROM bags b LEFT JOIN people p ON p.name = b.owner", None),
    ("SELECT 1 / (age - 40), 1 / (age - 77) FROM people", None),
    ("SELECT CAST(name AS int) FROM people WHERE country <> 'US'", None),
    ("SELECT name FROM people WHERE CAST(country AS int) = 1", "INVALID_CAST_ARGUMENT"),
    ("SELECT people FROM people", "COLUMN_NOT_FOUND"),
    ("SELECT p.phone FROM people p", "COLUMN_NOT_FOUND"),
    ("SELECT desk.people.phone FROM desk.people", "COLUMN_NOT_FOUND"),
    ("SELECT name FROM people ORDER BY phone", "COLUMN_NOT_FOUND"),
    ("SELECT * FROM people JOIN people q USING (phone)", "COLUMN_NOT_FOUND"),
    ('SELECT "$path" FROM people', "COLUMN_NOT_FOUND"),
    ("SELECT * FROM 'tables/0/__p=0/0-a.csv'", "TABLE_NOT_FOUND"),
    (
        "SELECT x.* FROM bags CROSS JOIN LATERAL read_text('plan.json') AS x",
        "FUNCTION_NOT_FOUND",
    ),
    (
        "SELECT x.* FROM people, LATERAL read_csv('tables/0/__p=0/*') AS x",
        "FUNCTION_NOT_FOUND",
    ),
    ("SELECT COLUMNS('.*') FROM people", None),
    ("EXPLAIN SELECT * FROM people WHERE age > 1", None),
    ("SHOW PARTITIONS people", None),
    ("SHOW CREATE TABLE people", None),
    ("SHOW COLUMNS IN people", None),
    ("DESCRIBE people", None),
    ("SELECT name FROM phones", "COLUMN_NOT_FOUND"),
    ("SELECT * FROM whole", None),
    (
        "UNLOAD (SELECT * FROM people) TO 's3://on-time-desk/results/out/' "
        "WITH (format = 'JSON', compression = 'NONE')",
        None,
    ),
]


@pytest.fixture(scope="module")
def desk(_running: Connection) -> Iterator[Analyst]:
    """An analyst who sees those from the US, and not their phones."""
    _running.control("POST", "reset")
    client.install(_running)
    lake.make()
    lake.govern("people")
    done(boto3.client, "CREATE VIEW phones AS SELECT name, phone FROM people")
    done(boto3.client, "CREATE VIEW whole AS SELECT name, age, country FROM people")
    analyst = Analyst("desk", allow("s3:GetObject", on=f"{lake.REGISTERED}/bags/*"))
    shown = {"ColumnWildcard": {"ExcludedColumnNames": ["phone"]}}
    grant(analyst.arn, cells("us", "country = 'US' AND age < 60", **shown))
    yield analyst


def test_tricks_tell_nothing(desk: Analyst) -> None:
    for start in range(0, len(TRICKS), 9):
        some = TRICKS[start : start + 9]
        keys = [started(desk, sql) for sql, _ in some]
        for (sql, begins), key in zip(some, keys, strict=True):
            said = told(desk, key)
            assert said.startswith(begins or "["), (sql, said)
            if begins == "COLUMN_NOT_FOUND":
                said = said.replace("Column 'phone'", "")
            assert not [value for value in HIDDEN if value in said], (sql, said)


def test_rows_that_are_seen_and_copied_are_the_rows_that_pass(desk: Analyst) -> None:
    sql = "SELECT * FROM people ORDER BY name"
    seen = [
        ["name", "age", "tier", "country"],
        ["Ada Pine", "34", "gold", "US"],
        ["Bob Reed", "51", "none", "US"],
    ]
    assert rows(desk, sql) == seen
    done(desk, "CREATE TABLE mine WITH (format = 'PARQUET') AS SELECT * FROM people")
    assert rows(desk, "SELECT * FROM mine ORDER BY name") == seen
    assert rows(boto3.client, "SELECT count(*) FROM people")[1] == ["5"]


def test_bytes_do_not_hang_on_what_is_asked_of_hidden_rows(desk: Analyst) -> None:
    counts = {
        scanned(desk, f"SELECT name FROM people WHERE country = '{country}'")
        for country in ("US", "KP")
    }
    assert counts == {len("Ada Pine,555-0101,34,gold\nBob Reed,555-0102,51,none\n")}
