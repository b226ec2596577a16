"""Athena's SQL, checked against the catalog and rewritten for DuckDB."""

import re
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.errors import OptimizeError, ParseError, SchemaError
from sqlglot.optimizer.annotate_types import annotate_types
from sqlglot.optimizer.qualify import qualify
from sqlglot.schema import MappingSchema

from localaws.lake.errors import QueryError
from localaws.lake.hive import duckdb_type
from localaws.lake.plan import Plan, Table

_CATALOG = "awsdatacatalog"
# The object that a row is in: a column of every table that `*` does not give.
PATH = "$path"
_LOST = (
    r"[Cc]olumn '?\"?([\w.$\"]+?)'?\"? could not be resolved"
    r"|(?:Unknown column|Cannot automatically join): ([\w.$\"]+)"
)
_UNAUTHORIZED = "cannot be resolved or requester is not authorized to access requested"
_INTEGERS = exp.DataType.INTEGER_TYPES
# What sqlglot leaves as Athena spells it, and DuckDB spells otherwise.
_RENAMED = {
    "array_join": "array_to_string",
    "arrays_overlap": "list_has_any",
    "array_intersect": "list_intersect",
    "array_max": "list_max",
    "array_min": "list_min",
    "codepoint": "unicode",
    "is_nan": "isnan",
    "is_infinite": "isinf",
    "is_finite": "isfinite",
    "levenshtein_distance": "levenshtein",
    "bitwise_xor": "xor",
    "truncate": "trunc",
    "from_iso8601_date": "__date",
    "from_iso8601_timestamp": "__timestamptz",
    "to_iso8601": "__iso8601",
    "map_agg": "__map_agg",
    "multimap_agg": "__multimap_agg",
    "date": "__date",
    "nan": "__nan",
    "infinity": "__infinity",
    "at_timezone": "timezone",
    "hamming_distance": "hamming",
    "geometric_mean": "geomean",
}
MACROS = (
    "CREATE MACRO __date(x) AS CAST(x AS DATE)",
    "CREATE MACRO __timestamptz(x) AS CAST(x AS TIMESTAMPTZ)",
    "CREATE MACRO __iso8601(x) AS strftime(x, '%Y-%m-%dT%H:%M:%S.%g')",
    "CREATE MACRO __map_agg(k, v) AS map(list(k), list(v))",
    "CREATE MACRO __nan() AS 'nan'::DOUBLE",
    "CREATE MACRO __infinity() AS 'inf'::DOUBLE",
    "CREATE MACRO url_extract_protocol(u) AS regexp_extract(u, '^([^:/?#]+):', 1)",
    "CREATE MACRO url_extract_host(u) AS"
    " regexp_extract(u, '^[^:/?#]+://([^/:?#]*)', 1)",
    "CREATE MACRO url_extract_path(u) AS"
    " regexp_extract(u, '^[^:/?#]+://[^/?#]*([^?#]*)', 1)",
    "CREATE MACRO url_extract_query(u) AS regexp_extract(u, '[?]([^#]*)', 1)",
    "CREATE MACRO __quotient(a, b) AS"
    " CASE WHEN b = 0 THEN error('DIVISION_BY_ZERO') ELSE a // b END",
)


def parse(sql: str) -> exp.Expression:
    """Return the syntax tree of one query.

    Raises:
        QueryError: It is not one.
    """
    try:
        return sqlglot.parse_one(sql, dialect="athena")
    except ParseError as error:
        found = error.errors[0] if error.errors else {}
        raise QueryError(
            f"line {found.get('line', 1)}:{found.get('col', 1)}: mismatched input "
            f"'{found.get('highlight', '')}'"
        ) from error


def resolve(plan: Plan) -> exp.Expression:
    """Return the query with each name resolved and each view filled in.

    Raises:
        QueryError: A name is not known.
    """
    tables = {table.name: table for table in plan.tables}
    query = _expand(parse(plan.sql), plan.database, tables)
    for select in query.find_all(exp.Select):
        _name_columns(select)
    hidden = [(PATH, "string")] if _names(query, PATH) else []
    if hidden:
        for select in query.find_all(exp.Select):
            _hide_path(select)
    schema = MappingSchema(dialect="athena")
    for table in plan.tables:
        if table.view is None:
            readable = {*table.readable, *([PATH] if table.cells is None else [])}
            columns = {
                name: exp.DataType.build(duckdb_type(kind), dialect="duckdb")
                for name, kind in [*table.columns, *table.keys, *hidden]
                if name in readable
            }
            database, _, name = table.name.partition(".")
            schema.add_table(exp.table_(name, db=database), columns, dialect="athena")
    try:
        query = qualify(query, schema=schema, dialect="athena")
    except (OptimizeError, SchemaError) as error:
        raise _unresolved(str(error), plan.sql) from error
    return annotate_types(query, schema=schema, dialect="athena")


def _names(query: exp.Expression, name: str) -> bool:
    return any(column.name.lower() == name for column in query.find_all(exp.Column))


def _hide_path(select: exp.Select) -> None:
    """Leave the path of the object out of what `*` gives of a table."""
    places = [select.args.get("from_"), *(select.args.get("joins") or [])]
    sources = [place.this for place in places if place]
    stored = {
        source.alias_or_name.lower()
        for source in sources
        if isinstance(source, exp.Table) and source.db
    }
    for shown in select.expressions:
        star = shown.this if isinstance(shown, exp.Column) else shown
        owner = shown.table.lower() if isinstance(shown, exp.Column) else ""
        if isinstance(star, exp.Star) and (owner in stored if owner else stored):
            star.set("except_", [exp.to_identifier(PATH, quoted=True)])


def _name_columns(select: exp.Select) -> None:
    """Call what has no name `_col0`, `_col1` ... by its place."""
    for place, shown in enumerate(select.expressions):
        named = isinstance(shown, exp.Column | exp.Dot | exp.Star | exp.Alias)
        if not named and not isinstance(shown, exp.Aliases):
            shown.replace(exp.alias_(shown.copy(), f"_col{place}"))


def _expand(
    query: exp.Expression, database: str, tables: dict[str, Table]
) -> exp.Expression:
    """Name each table in full, and put the query of each view in its place."""
    ctes = {cte.alias.lower() for cte in query.find_all(exp.CTE)}
    for node in list(query.find_all(exp.Table, exp.Lateral)):
        if not isinstance(node.this, exp.Identifier):
            if isinstance(node.this, exp.Func) and not isinstance(node.this, exp.UDTF):
                name = node.this.sql("athena").partition("(")[0].lower()
                where = place(plan_text(node))
                raise QueryError(
                    f"FUNCTION_NOT_FOUND: {where}Table function '{name}' not registered"
                )
            continue
        if not node.db and node.name.lower() in ctes:
            continue
        name = f"{(node.db or database).lower()}.{node.name.lower()}"
        table = tables.get(name)
        if table is None:
            raise missing_table(node, name)
        node.set("catalog", None)
        node.set("db", exp.to_identifier(name.partition(".")[0]))
        if table.view is not None:
            inner = _expand(parse(table.view), name.partition(".")[0], tables)
            alias = node.alias or node.name
            node.replace(exp.Subquery(this=inner, alias=exp.to_identifier(alias)))
    return query


def missing_table(node: exp.Table, name: str) -> QueryError:
    """Return the error of a table that the catalog does not have."""
    where = place(plan_text(node))
    return QueryError(
        f"TABLE_NOT_FOUND: {where}Table '{_CATALOG}.{name}' does not exist", 1110
    )


def plan_text(node: exp.Expression) -> dict[str, Any]:
    """Return where the first name below a node stood in the text."""
    found = [one.meta for one in node.find_all(exp.Identifier) if one.meta.get("line")]
    return min(found, key=lambda meta: (meta["line"], meta["col"]), default={})


def place(meta: dict[str, Any]) -> str:
    """Return `line 1:8: `, where a name begins, or nothing if that is not known."""
    if "line" not in meta:
        return ""
    length = meta.get("end", 0) - meta.get("start", 0)
    return f"line {meta['line']}:{meta['col'] - length}: "


def _unresolved(text: str, sql: str) -> QueryError:
    found = re.search(_LOST, text)
    if found:
        name = (found[1] or found[2]).replace('"', "").rpartition(".")[2]
        where = re.search(rf"(?<!\w){re.escape(name)}\b", sql, re.IGNORECASE)
        before = sql[: where.start()] if where else ""
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        return QueryError(
            f"COLUMN_NOT_FOUND: line {line}:{column}: Column '{name}' "
            f"{_UNAUTHORIZED} resources"
        )
    ambiguous = re.search(r"\"?(\w+)\"? (?:is )?ambiguous|[Aa]mbiguous.*?(\w+)", text)
    if ambiguous:
        name = ambiguous[1] or ambiguous[2]
        return QueryError(f"AMBIGUOUS_NAME: Column '{name}' is ambiguous")
    return QueryError(f"SYNTAX_ERROR: {text.splitlines()[0]}")


def to_duckdb(query: exp.Expression, now: str) -> str:
    """Return DuckDB's text of a resolved query.

    Args:
        query: As `resolve` returns it.
        now: What CURRENT_TIMESTAMP is.
    """
    moment = exp.cast(exp.Literal.string(now), "TIMESTAMPTZ", dialect="duckdb")
    today = exp.cast(exp.Literal.string(now[:10]), "DATE", dialect="duckdb")

    def rewrite(node: exp.Expression) -> exp.Expression:
        if isinstance(node, exp.CurrentTimestamp):
            return moment.copy()
        if isinstance(node, exp.CurrentDate):
            return today.copy()
        if isinstance(node, exp.ApproxDistinct):
            return exp.Count(this=exp.Distinct(expressions=[node.this]))
        if isinstance(node, exp.ApproxQuantile):
            return exp.func("quantile_disc", node.this, node.args["quantile"])
        if isinstance(node, exp.Format):
            return exp.func("printf", node.this, *node.expressions)
        if isinstance(node, exp.Div) and _whole(node.this) and _whole(node.expression):
            return exp.func("__quotient", node.this, node.expression)
        if isinstance(node, exp.Anonymous) and node.name.lower() in _RENAMED:
            renamed = _RENAMED[node.name.lower()]
            return exp.func(renamed, *node.expressions, dialect="duckdb")
        return node

    return query.transform(rewrite).sql("duckdb")


def _whole(node: exp.Expression) -> bool:
    return node.type is not None and node.type.this in _INTEGERS
