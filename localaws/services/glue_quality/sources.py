"""Data sources: tables of the Data Catalog, as the role of a run may see them."""

from dataclasses import asdict
from typing import Any

from botocore.exceptions import ClientError

from localaws.errors import NotImplementedHere
from localaws.lake.errors import QueryError
from localaws.quality.mentions import mentioned
from localaws.quality.ruleset import Ruleset
from localaws.services.athena.catalog import Catalog
from localaws.services.context import Context
from localaws.services.glue_quality.documents import ACCOUNT, invalid
from localaws.services.json_operations import Members
from localaws.services.permissions import Caller
from localaws.services.under_way import RunFailed

_KINDS = ("GlueTable", "DataQualityGlueTable")
_ELSEWHERE = {
    "CatalogId": "reads another account's catalog",
    "ConnectionName": "reaches the data through a connection",
    "PreProcessingQuery": "runs a query on the table before the rules",
}
_PREDICATES = ("pushDownPredicate", "catalogPartitionPredicate")


def table_of(source: Members) -> Members:
    """Return the table of a data source.

    Raises:
        AwsError: It names none, or an option that there is not.
    """
    given = [source[kind] for kind in _KINDS if kind in source]
    if len(given) != 1:
        raise invalid("A data source is one GlueTable or one DataQualityGlueTable.")
    found: Members = given[0]
    for option in found.get("AdditionalOptions", {}):
        if option not in _PREDICATES:
            raise invalid(f"AdditionalOptions: {option} is not supported.")
    if found.get("CatalogId", ACCOUNT) != ACCOUNT:
        raise NotImplementedHere("glue DataSource.CatalogId", _ELSEWHERE["CatalogId"])
    for member in ("ConnectionName", "PreProcessingQuery"):
        if found.get(member):
            raise NotImplementedHere(f"glue DataSource.{member}", _ELSEWHERE[member])
    return found


def exists(context: Context, table: Members) -> bool:
    """Return whether the catalog has a table."""
    glue = context.aws.client("glue")
    try:
        glue.get_table(DatabaseName=table["DatabaseName"], Name=table["TableName"])
    except glue.exceptions.EntityNotFoundException:
        return False
    return True


def same(asked: Members, source: Members) -> bool:
    """Return whether a filter's data source is that of a run."""
    first, second = table_of(asked), table_of(source)
    names = ("DatabaseName", "TableName")
    return all(first[one] == second[one] for one in names)


class Reading:
    """What a run reads, gathered with the rights of its role.

    Args:
        context: The endpoint.
        caller: The role.
    """

    def __init__(self, context: Context, caller: Caller) -> None:
        self._caller = caller
        self._catalog = Catalog(context.aws.client("glue"), caller)
        self._tables: dict[str, Any] = {}
        self._sources: list[Members] = []

    def add(self, alias: str, source: Members) -> None:
        """Add a data source.

        Args:
            alias: What rules call it.
            source: As the request gives it.

        Raises:
            RunFailed: It cannot be read.
        """
        table = table_of(source)
        options = table.get("AdditionalOptions", {})
        predicates = [f"({options[one]})" for one in _PREDICATES if options.get(one)]
        predicate = " AND ".join(predicates) or None
        self._read(alias, table["DatabaseName"], table["TableName"], predicate)

    def add_mentioned(self, ruleset: Ruleset) -> None:
        """Add the tables of the catalog that rules name as `database.table`."""
        known = {source["alias"] for source in self._sources}
        named = {name for rule in ruleset.every() for name in mentioned(rule)}
        for name in sorted(named - known):
            database, dot, table = name.partition(".")
            if dot:
                self._read(name, database, table, None)

    def _read(
        self, alias: str, database: str, table: str, predicate: str | None
    ) -> None:
        name = f"{database}.{table}".lower()
        sql = f'SELECT * FROM "{database}"."{table}"'
        try:
            if name not in self._tables:
                for found in self._catalog.tables(sql, database):
                    if found.view is not None:
                        raise RunFailed(f"{name} is a view: only tables are evaluated.")
                    if found.keys:
                        where = f"table/{database}/{table}"
                        self._caller.demand("glue:GetPartitions", where)
                    self._tables[found.name] = asdict(found)
        except QueryError as error:
            raise RunFailed(error.message) from error
        except ClientError as error:
            said = error.response["Error"]
            raise RunFailed(f"{said['Code']}: {said['Message']}") from error
        self._sources.append({"alias": alias, "table": name, "predicate": predicate})

    def plan(self) -> Members:
        """Return what the run's process has to know of it."""
        return {"tables": list(self._tables.values()), "sources": self._sources}
