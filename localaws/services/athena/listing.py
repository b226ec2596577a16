"""Documents that Athena knows by an id: several at once, and the ids of a group."""

from dataclasses import dataclass

from localaws.services.athena import workgroups
from localaws.services.context import Context
from localaws.services.json_operations import Members, page
from localaws.services.records import Records


@dataclass(frozen=True)
class Listing:
    """One kind of document, each of a workgroup.

    Attributes:
        table: Where they are kept.
        noun: Such as `NamedQuery`.
        nouns: Its plural.
        newest_first: Whether ids are listed so.
    """

    table: str
    noun: str
    nouns: str
    newest_first: bool = False

    def batch(self, context: Context, given: Members) -> Members:
        """Answer BatchGet of the kind: what is there, and what is not."""
        every = context.part(Records).all(self.table)
        asked = given[f"{self.noun}Ids"]
        return {
            self.nouns: [every[key] for key in asked if key in every],
            f"Unprocessed{self.noun}Ids": [
                {
                    f"{self.noun}Id": key,
                    "ErrorCode": "INVALID_INPUT",
                    "ErrorMessage": f"{self.noun} {key} was not found",
                }
                for key in asked
                if key not in every
            ],
        }

    def ids(self, context: Context, given: Members) -> Members:
        """Answer List of the kind."""
        group = given.get("WorkGroup", workgroups.PRIMARY)
        workgroups.find(context, group)
        every = context.part(Records).all(self.table)
        keys = [key for key, one in every.items() if one["WorkGroup"] == group]
        found = keys[::-1] if self.newest_first else keys
        return page(f"{self.noun}Ids", found, given, 50)
