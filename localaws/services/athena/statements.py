"""What a statement asks for: its kind, its target, and the query that it holds."""

import contextlib
import logging
import re
from dataclasses import dataclass, field
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from localaws.errors import AwsError, NotImplementedHere

# sqlglot says on its logger that it keeps Hive's commands as they are
logging.getLogger("sqlglot").setLevel(logging.ERROR)

_NAME = r"(?:[`\"]?(?P<db>\w+)[`\"]?\.)?[`\"]?(?P<table>[\w-]+)[`\"]?"
_IN = r"(?:\s+(?:IN|FROM)\s+[`\"]?(?P<db>\w+)[`\"]?)?"
_LIKE = r"(?:\s+(?:LIKE\s+)?'(?P<like>[^']*)')?"
# Kind, type, and how the statement begins; the rest is `rest`.
_COMMANDS = [
    ("UNLOAD", "DML", r"UNLOAD\s*\((?P<query>.*)\)\s*TO\s*'(?P<to>[^']*)'(?P<rest>.*)"),
    ("MSCK_REPAIR", "DDL", rf"MSCK\s+REPAIR\s+TABLE\s+{_NAME}"),
    (
        "ALTER_TABLE_ADD_PARTITION",
        "DDL",
        rf"ALTER\s+TABLE\s+{_NAME}\s+ADD\s+(?P<exists>IF\s+NOT\s+EXISTS\s+)?"
        r"(?P<rest>PARTITION\b.*)",
    ),
    (
        "ALTER_TABLE_DROP_PARTITION",
        "DDL",
        rf"ALTER\s+TABLE\s+{_NAME}\s+DROP\s+(?P<exists>IF\s+EXISTS\s+)?"
        r"(?P<rest>PARTITION\b.*)",
    ),
    ("SHOW_DATABASES", "UTILITY", rf"SHOW\s+(?:DATABASES|SCHEMAS){_LIKE}"),
    ("SHOW_TABLES", "UTILITY", rf"SHOW\s+TABLES{_IN}{_LIKE}"),
    ("SHOW_VIEWS", "UTILITY", rf"SHOW\s+VIEWS{_IN}{_LIKE}"),
    ("SHOW_PARTITIONS", "UTILITY", rf"SHOW\s+PARTITIONS\s+{_NAME}"),
    ("SHOW_COLUMNS", "UTILITY", rf"SHOW\s+COLUMNS\s+(?:IN|FROM)\s+{_NAME}"),
    ("SHOW_CREATE_TABLE", "UTILITY", rf"SHOW\s+CREATE\s+TABLE\s+{_NAME}"),
    ("SHOW_TBLPROPERTIES", "UTILITY", rf"SHOW\s+TBLPROPERTIES\s+{_NAME}"),
    ("DESCRIBE_TABLE", "UTILITY", rf"DESC(?:RIBE)?\s+(?:TABLE\s+)?{_NAME}"),
    ("EXPLAIN", "UTILITY", r"EXPLAIN\s+(?!ANALYZE|\()(?P<query>.*)"),
    ("PREPARE", "UTILITY", r"PREPARE\s+(?P<table>\w+)\s+FROM\s+(?P<query>.*)"),
    ("DEALLOCATE", "UTILITY", r"DEALLOCATE\s+PREPARE\s+(?P<table>\w+)"),
    (
        "DROP_VIEW",
        "DDL",
        rf"DROP\s+VIEW\s+(?P<exists>IF\s+EXISTS\s+)?{_NAME}",
    ),
    ("DROP_TABLE", "DDL", rf"DROP\s+TABLE\s+(?P<exists>IF\s+EXISTS\s+)?{_NAME}"),
    (
        "DROP_DATABASE",
        "DDL",
        r"DROP\s+(?:DATABASE|SCHEMA)\s+(?P<exists>IF\s+EXISTS\s+)?"
        r"[`\"]?(?P<table>\w+)[`\"]?(?P<rest>\s+CASCADE|\s+RESTRICT)?",
    ),
    (
        "CREATE_VIEW",
        "DDL",
        rf"CREATE\s+(?P<exists>OR\s+REPLACE\s+)?VIEW\s+{_NAME}\s+AS\s+(?P<query>.*)",
    ),
]
_EXECUTE = re.compile(r"EXECUTE\s+(\w+)(?:\s+USING\s+(.*))?", re.I | re.S)
_COMMENT = re.compile(r"--[^\n]*|/\*.*?\*/|('(?:[^']|'')*'|\"[^\"]*\")", re.S)


@dataclass(frozen=True)
class Statement:
    """One statement.

    Attributes:
        kind: Such as `SELECT` or `CREATE_TABLE_AS_SELECT`.
        type: `DML`, `DDL` or `UTILITY`.
        query: The query in it, or nothing.
        database: Where its target is; None for the query's context.
        table: Its target.
        parts: What else the statement holds.
        tree: Its syntax tree, where it is a CREATE or INSERT.
    """

    kind: str
    type: str
    query: str = ""
    database: str | None = None
    table: str = ""
    parts: dict[str, Any] = field(default_factory=dict)
    tree: exp.Expression | None = None


def malformed(message: str) -> AwsError:
    """Return the error of a statement that is refused before it runs."""
    return AwsError(
        "InvalidRequestException", message, AthenaErrorCode="MALFORMED_QUERY"
    )


def plain(sql: str) -> str:
    """Return a statement without its comments and its last semicolon."""
    return _COMMENT.sub(lambda found: found[1] or " ", sql).strip().rstrip(";").strip()


def execution_of(sql: str) -> tuple[str, list[str]] | None:
    """Return the name and parameters of an EXECUTE, or None."""
    found = _EXECUTE.fullmatch(plain(sql))
    if found is None:
        return None
    return found[1], _split(found[2] or "")


def filled(sql: str, parameters: list[str]) -> str:
    """Return a statement with its question marks replaced, in order.

    Raises:
        AwsError: There are more or fewer of them.
    """
    pieces = re.split(r"('(?:[^']|'')*'|\"[^\"]*\"|\?)", sql)
    places = [at for at, piece in enumerate(pieces) if piece == "?"]
    if len(places) != len(parameters):
        raise malformed(
            f"SYNTAX_ERROR: line 1:1: Incorrect number of parameters: expected "
            f"{len(places)} but found {len(parameters)}"
        )
    for at, value in zip(places, parameters, strict=True):
        pieces[at] = value
    return "".join(pieces)


def read(sql: str) -> Statement:
    """Return what a statement asks for.

    Raises:
        AwsError: It cannot be parsed.
        NotImplementedHere: It does not act here.
    """
    text = plain(sql)
    for kind, type_, pattern in _COMMANDS:
        found = re.fullmatch(pattern, text, re.IGNORECASE | re.DOTALL)
        if found:
            return _command(kind, type_, found.groupdict())
    try:
        tree = sqlglot.parse_one(text, dialect="athena")
    except SqlglotError as error:
        raise malformed(_mismatch(text, error)) from error
    if isinstance(tree, exp.Query | exp.Values):
        return Statement("SELECT", "DML", text)
    if isinstance(tree, exp.Insert):
        target = tree.this.this if isinstance(tree.this, exp.Schema) else tree.this
        query = tree.expression.sql("athena")
        names = tree.this.expressions if isinstance(tree.this, exp.Schema) else []
        return Statement(
            "INSERT",
            "DML",
            query,
            target.db.lower() or None,
            target.name.lower(),
            {"columns": [name.name.lower() for name in names]},
        )
    if isinstance(tree, exp.Create):
        return _create(tree)
    word = text.split(None, 1)[0].upper() if text else ""
    if word in ("ALTER", "DELETE", "UPDATE", "MERGE", "VACUUM", "OPTIMIZE", "EXPLAIN"):
        begin = " ".join(text.split()[:5])
        raise NotImplementedHere(f"athena: {begin} ...", "runs this statement")
    raise malformed("Queries of this type are not supported")


def _mismatch(text: str, error: SqlglotError) -> str:
    found = (getattr(error, "errors", None) or [{}])[0]
    token = found.get("highlight") or "<EOF>"
    line, column = found.get("line") or 1, found.get("col") or len(text) + 1
    begin = max(1, column - len(token) + 1)
    return f"line {line}:{begin}: mismatched input '{token}'"


def _command(kind: str, type_: str, given: dict[str, str | None]) -> Statement:
    query = (given.pop("query", None) or "").strip()
    if query and kind != "PREPARE":
        with contextlib.suppress(NotImplementedHere):
            inner = read(query)
            if inner.kind != "SELECT":
                raise malformed("Queries of this type are not supported")
    database, table = given.pop("db", None), given.pop("table", None) or ""
    return Statement(
        kind,
        type_,
        query,
        database.lower() if database else None,
        table.lower(),
        {name: value for name, value in given.items() if value},
    )


def _create(tree: exp.Create) -> Statement:
    kind = (tree.kind or "").upper()
    target = tree.this.this if isinstance(tree.this, exp.Schema) else tree.this
    database = target.db.lower() or None
    if kind in ("DATABASE", "SCHEMA"):
        return Statement("CREATE_DATABASE", "DDL", table=target.name.lower(), tree=tree)
    if kind == "TABLE" and tree.expression is not None:
        query = tree.expression.sql("athena")
        name = "CREATE_TABLE_AS_SELECT"
        return Statement(name, "DDL", query, database, target.name.lower(), tree=tree)
    properties = tree.args.get("properties") or exp.Properties(expressions=[])
    external = properties.find(exp.ExternalProperty) is not None
    if kind == "TABLE" and external and isinstance(tree.this, exp.Schema):
        return Statement(
            "CREATE_TABLE", "DDL", "", database, target.name.lower(), tree=tree
        )
    if kind == "TABLE":
        raise NotImplementedHere(
            "athena: CREATE TABLE without EXTERNAL", "makes an Apache Iceberg table"
        )
    raise malformed("Queries of this type are not supported")


def _split(text: str) -> list[str]:
    """Return what commas part, outside of quotes and brackets."""
    parts, depth, start, quote = [], 0, 0, ""
    for at, letter in enumerate(text):
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "'\"":
            quote = letter
        elif letter == "," and depth == 0:
            parts.append(text[start:at].strip())
            start = at + 1
        depth += (letter in "([") - (letter in ")]")
    rest = text[start:].strip()
    return [*parts, rest] if rest else parts
