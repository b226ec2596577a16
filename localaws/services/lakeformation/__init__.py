"""AWS Lake Formation: who sees which columns and rows of the Data Catalog's tables."""

from typing import Any

from localaws.services.lakeformation import (
    cell_filters,
    grants,
    listing,
    locations,
    settings,
    tagged,
    tags,
)
from localaws.services.lakeformation.catalog import governed
from localaws.services.lakeformation.operations import handlers

HANDLERS: dict[tuple[str, str], Any] = {
    **handlers(settings.OPERATIONS),
    **handlers(locations.OPERATIONS),
    **handlers(grants.OPERATIONS),
    **handlers(listing.OPERATIONS),
    **handlers(cell_filters.OPERATIONS),
    **handlers(tags.OPERATIONS),
    **handlers(tagged.OPERATIONS),
}

__all__ = ["HANDLERS", "governed"]
