"""What a query may read of a table, and with whose rights it reads the objects."""

from typing import Any

from localaws.errors import AwsError
from localaws.lake.errors import QueryError
from localaws.services.context import Context
from localaws.services.lakeformation import locations
from localaws.services.lakeformation.held import Held
from localaws.services.lakeformation.partitions import may_hold
from localaws.services.lakeformation.sight import Sight
from localaws.services.permissions import Caller

Members = dict[str, Any]
_ACCESS = "lakeformation:GetDataAccess"


class Reading:
    """Reads the lake's tables on behalf of who runs a query.

    Args:
        context: The endpoint.
        caller: Who runs it.
    """

    def __init__(self, context: Context, caller: Caller) -> None:
        self._context = context
        self._caller = caller
        self._held = Held(context, caller)

    def table(self, given: Members, where: str) -> Sight | None:
        """Return what may be read of a table; None if IAM alone decides.

        Args:
            given: The table as the catalog has it.
            where: Where the query names it, to begin an error with.

        Raises:
            QueryError: Nothing may be read of it.
        """
        sight = self._allowed(given, "DESCRIBE")
        if sight is None:
            return None
        is_view = given.get("TableType") == "VIRTUAL_VIEW"
        if not sight.readable or (is_view and not sight.whole):
            raise QueryError(
                f"COLUMN_NOT_FOUND: {where}Relation contains no accessible columns"
            )
        if not self._caller.may(_ACCESS, "*"):
            raise QueryError(
                "Insufficient permissions to execute the query. "
                f"User: {self._caller.arn} is not authorized to perform: {_ACCESS} "
                f"because no identity-based policy allows the {_ACCESS} action",
                1501,
            )
        return sight

    def filled(self, given: Members) -> Caller:
        """Return with whose rights rows are put into a table.

        Raises:
            QueryError: The caller may not insert.
        """
        if self._allowed(given, "INSERT") is None:
            return self._caller
        return self.reader(given["StorageDescriptor"].get("Location", ""))

    def make(self, database: str, location: str) -> None:
        """Raise unless the caller may make a table of a query's rows.

        Raises:
            QueryError: It may not.
        """
        try:
            self._held.make(database, location)
        except AwsError as error:
            raise refusal(error.message) from error

    def _allowed(self, given: Members, permission: str) -> Sight | None:
        try:
            return self._held.sight(given, permission)
        except AwsError as error:
            raise refusal(error.message) from error

    def reader(self, location: str) -> Caller:
        """Return with whose rights objects of a governed table are read or written.

        Raises:
            QueryError: Lake Formation cannot assume the role of the place.
        """
        return locations.reader(self._context, location) or self._caller


def held_back(
    sight: Sight | None, keys: list[tuple[str, str]], values: list[str]
) -> bool:
    """Return whether no row of a partition may be read."""
    return sight is not None and not may_hold(sight, keys, values)


def refusal(message: str) -> QueryError:
    """Return what a query says of what the catalog refuses."""
    return QueryError(
        f"{message} (Service: AmazonDataCatalog; Status Code: 400; Error Code: "
        "AccessDeniedException)",
        1501,
    )
