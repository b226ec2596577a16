"""The Data Catalog on behalf of one principal."""

from typing import Any

from localaws.errors import AwsError
from localaws.services.context import Context
from localaws.services.lakeformation import locations
from localaws.services.lakeformation.acting import unheld
from localaws.services.lakeformation.errors import denied, insufficient
from localaws.services.lakeformation.partitions import may_hold
from localaws.services.lakeformation.rights import Rights
from localaws.services.lakeformation.sight import Sight
from localaws.services.permissions import Caller

Members = dict[str, Any]


class Held:
    """Says what one principal may do with the catalog, and shows it no more of it.

    Args:
        context: The endpoint.
        caller: The principal.
    """

    def __init__(self, context: Context, caller: Caller) -> None:
        self._context = context
        self._caller = caller
        self._rights = Rights(context)

    def catalog(self) -> None:
        """Raise unless the principal may make a database."""
        if not self._rights.catalog(self._caller):
            raise insufficient("CREATE_DATABASE", "Catalog")

    def database(self, name: str, permission: str) -> None:
        """Raise unless the principal may do something with a database."""
        found = self._rights.database(self._caller, name)
        described = permission == "DESCRIBE" and bool(found)
        if found is not None and permission not in found and not described:
            raise insufficient(permission, name.lower())

    def sees(self, database: str) -> bool:
        """Return whether the principal knows of a database."""
        found = self._rights.database(self._caller, database)
        return found is None or bool(found)

    def make(self, database: str, location: str) -> None:
        """Raise unless the principal may make a table."""
        self.database(database, "CREATE_TABLE")
        self._place(location)

    def _place(self, location: str) -> None:
        """Raise unless the principal may put data of a table at a place."""
        arn = f"arn:aws:s3:::{location.removeprefix('s3://').rstrip('/')}"
        place = locations.covering(self._context, location) if location else None
        if place is not None and not self._rights.location(self._caller, arn):
            raise denied(f"Insufficient Lake Formation permission(s) on {location}")

    def placed(self, database: str, name: str, places: list[str]) -> None:
        """Raise unless a table, or partitions of it, may be at some places."""
        found = self._found(database, name) or {}
        own = found.get("StorageDescriptor", {}).get("Location", "").rstrip("/")
        for place in places:
            if not own or not f"{place.rstrip('/')}/".startswith(f"{own}/"):
                self._place(place)

    def sight(self, given: Members, *wanted: str) -> Sight | None:
        """Return what the principal sees of a table; None if IAM alone decides.

        Args:
            given: The table as the catalog has it.
            wanted: Permissions of which it needs one.

        Raises:
            AwsError: It has none of them.
        """
        sight = self._rights.table(self._caller, given)
        if sight is not None and not any(map(sight.may, wanted)):
            raise insufficient(wanted[0], given["Name"])
        return sight

    def named(self, database: str, name: str, *wanted: str) -> Sight | None:
        """Do the same for a table that is named; one that does not exist passes."""
        if not self._rights.governs(database, name):
            return None
        found = self._found(database, name)
        return None if found is None else self.sight(found, *wanted)

    def _found(self, database: str, name: str) -> Members | None:
        glue = self._context.aws.client("glue")
        with unheld(self._caller):
            try:
                return glue.get_table(DatabaseName=database, Name=name)["Table"]
            except glue.exceptions.EntityNotFoundException:
                return None

    def shown(self, given: Members) -> Members:
        """Return a table as the principal sees it.

        Raises:
            AwsError: It may not know of it.
        """
        sight = self.sight(given, "DESCRIBE")
        if sight is None:
            return given
        location = given.get("StorageDescriptor", {}).get("Location", "")
        covered = locations.covering(self._context, location) is not None
        return _trimmed(given, sight) | {"IsRegisteredWithLakeFormation": covered}

    def some(self, tables: list[Members]) -> list[Members]:
        """Return those tables that the principal may know of, as it sees them."""
        seen = []
        for one in tables:
            try:
                seen.append(self.shown(one))
            except AwsError:
                continue
        return seen

    def partitions(
        self, database: str, name: str, found: list[Members]
    ) -> list[Members]:
        """Return the partitions that may hold a row that the principal sees.

        Raises:
            AwsError: It does not see the columns by which the table is partitioned.
        """
        sight = self.named(database, name, "SELECT")
        given = self._found(database, name) if sight is not None else None
        if sight is None or given is None:
            return found
        keys = [
            (key["Name"].lower(), key.get("Type", "string"))
            for key in given.get("PartitionKeys", [])
        ]
        if not {key for key, _ in keys} <= set(sight.readable):
            raise insufficient("SELECT", name)
        return [
            _trimmed(one, sight)
            for one in found
            if may_hold(sight, keys, one["Values"])
        ]


def _trimmed(given: Members, sight: Sight) -> Members:
    """Return a table or a partition with the columns that are seen."""
    shown, kept = set(sight.shown), dict(given)
    storage = given.get("StorageDescriptor", {})
    if "Columns" in storage:
        columns = [one for one in storage["Columns"] if one["Name"].lower() in shown]
        kept["StorageDescriptor"] = storage | {"Columns": columns}
    if "PartitionKeys" in given:
        keys = given["PartitionKeys"]
        kept["PartitionKeys"] = [one for one in keys if one["Name"].lower() in shown]
    return kept
