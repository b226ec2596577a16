"""What a principal may do with the catalog, by all that was granted to it."""

from collections.abc import Iterator
from typing import Any

from localaws.services.context import Context
from localaws.services.lakeformation import principals, resources, settings
from localaws.services.lakeformation.sight import Cell, Sight
from localaws.services.lakeformation.tagged import Tagged, meets
from localaws.services.permissions import Caller
from localaws.services.records import Records

Members = dict[str, Any]
GRANTS = "lakeformation-grant"
# What IAM alone no longer decides on: `/`, `database` or `database/table`.
GOVERNED = "lakeformation-governed"
CATALOG = "/"


class Rights:
    """The grants of an endpoint, as they are now.

    Args:
        context: The endpoint.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._records = context.part(Records)
        self._grants = self._records.all(GRANTS)

    def governs(self, *place: str) -> bool:
        """Return whether Lake Formation decides on a database, a table or neither."""
        key = "/".join(place).lower() or CATALOG
        return self._records.get(GOVERNED, key) is not None

    def of(self, caller: Caller) -> Iterator[tuple[str, Members, Members]]:
        """Yield kind, resource and document of each grant that a caller has."""
        for grant in self._grants.values():
            if grant["Principal"] in (caller.arn, principals.EVERYBODY):
                kind, inner = next(iter(grant["Resource"].items()))
                yield kind, inner, grant

    def table(self, caller: Caller, given: Members) -> Sight | None:
        """Return what a caller may do with a table; None if IAM alone decides.

        Args:
            caller: Who asks.
            given: The table as the catalog has it.
        """
        database, name = given["DatabaseName"].lower(), given["Name"].lower()
        if caller.arn is None or not self.governs(database, name):
            return None
        known = resources.columns(given)
        permissions: set[str] = set()
        cells: list[Cell] = []
        for kind, inner, grant in self.of(caller):
            given_here = set(grant["Permissions"])
            seen = self._columns(kind, inner, database, name, known)
            if seen is None:
                continue
            if kind == "DataCellsFilter":
                given_here &= {"SELECT"}
            permissions |= given_here
            if given_here & {"ALL", "SELECT"} and seen:
                cells.append(Cell(seen, self._rows(kind, inner)))
        reads = settings.administers(self._context, caller, reads=True)
        return Sight(frozenset(permissions), tuple(cells), tuple(known), reads)

    def _columns(
        self, kind: str, inner: Members, database: str, name: str, known: list[str]
    ) -> tuple[str, ...] | None:
        """Return the columns of a table that a grant speaks of; None if of none."""
        if kind == "LFTagPolicy" and inner["ResourceType"] == "TABLE":
            tagged, expression = Tagged(self._context), inner["Expression"]
            fits = tuple(
                column
                for column in known
                if meets(tagged.column(database, name, column), expression)
            )
            whole = meets(tagged.table(database, name), expression)
            return fits if fits or whole else None
        if inner.get("DatabaseName") != database:
            return None
        if kind == "Table" and inner.get("Name", name) == name:
            return tuple(known)
        if kind == "TableWithColumns" and inner["Name"] == name:
            return resources.seen(inner, known)
        if kind == "DataCellsFilter" and inner["TableName"] == name:
            found = self._filter(inner)
            return resources.seen(found, known) if found else None
        return None

    def _filter(self, inner: Members) -> Members | None:
        return self._records.get(resources.FILTERS, resources.filter_key(inner))

    def _rows(self, kind: str, inner: Members) -> str | None:
        if kind != "DataCellsFilter":
            return None
        found = self._filter(inner)
        assert found is not None
        expression: str | None = found["RowFilter"].get("FilterExpression")
        return expression

    def database(self, caller: Caller, name: str) -> set[str] | None:
        """Return what a caller may do with a database; None if IAM alone decides."""
        name = name.lower()
        if caller.arn is None or not self.governs(name):
            return None
        found: set[str] = set()
        for kind, inner, grant in self.of(caller):
            if kind == "Database" and inner["Name"] == name:
                found |= set(grant["Permissions"])
            elif kind == "LFTagPolicy" and inner["ResourceType"] == "DATABASE":
                if meets(Tagged(self._context).database(name), inner["Expression"]):
                    found |= set(grant["Permissions"])
            elif "TableWildcard" in inner and inner["DatabaseName"] == name:
                found.add("DESCRIBE")
        if settings.administers(self._context, caller, reads=True):
            found.add("DESCRIBE")
        return resources.MAY["Database"] | found if "ALL" in found else found

    def catalog(self, caller: Caller) -> bool:
        """Return whether a caller may make a database."""
        if not self.governs() or settings.administers(self._context, caller):
            return True
        return any(kind == "Catalog" for kind, _, _ in self.of(caller))

    def location(self, caller: Caller, arn: str) -> bool:
        """Return whether a caller may put tables at a registered place."""
        if settings.administers(self._context, caller):
            return True
        return any(
            kind == "DataLocation" and f"{arn}/".startswith(f"{inner['ResourceArn']}/")
            for kind, inner, _ in self.of(caller)
        )

    def has(self, caller: Caller, resource: Members) -> bool:
        """Return whether a caller was granted anything on a resource itself."""
        return any(grant["Resource"] == resource for _, _, grant in self.of(caller))

    def may_grant(self, caller: Caller, resource: Members, wanted: set[str]) -> bool:
        """Return whether a caller may pass permissions on a resource on."""
        if settings.administers(self._context, caller):
            return True
        options: set[str] = set()
        for _, _, grant in self.of(caller):
            if _covers(grant["Resource"], resource):
                options |= set(grant["PermissionsWithGrantOption"])
        return "ALL" in options or wanted <= options

    def forget_filter(self, found: Members) -> None:
        """Forget what was granted on a data cells filter."""
        resource = resources.of_filter(found)
        for key, grant in self._grants.items():
            if grant["Resource"] == resource:
                self._records.drop(GRANTS, key)


def _covers(owned: Members, wanted: Members) -> bool:
    """Return whether who may grant on one resource may grant on another."""
    if owned == wanted:
        return True
    (kind, mine), (other, theirs) = (
        next(iter(owned.items())),
        next(iter(wanted.items())),
    )
    if mine.get("DatabaseName") != theirs.get("DatabaseName"):
        return False
    name = theirs.get("TableName", theirs.get("Name"))
    if kind == "Table" and other != "Database":
        return mine.get("Name", name) == name
    if kind == other == "TableWithColumns" and mine["Name"] == name:
        allowed = set(mine.get("ColumnNames", []))
        return bool(allowed) and set(theirs.get("ColumnNames", "*")) <= allowed
    return False
