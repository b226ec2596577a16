"""Facets that stand in a data set of their own."""

from pathlib import Path

import pandas as pd

from localaws.clarify.configuration import Configuration
from localaws.clarify.errors import ClarifyError
from localaws.clarify.tables import locate, read_csv, readable


def read_facets(files: list[Path], config: Configuration) -> pd.DataFrame:
    """Read the facet data set.

    Args:
        files: Its files.
        config: What the analysis is asked for.
    """
    used = [facet.column for facet in config.facets if isinstance(facet.column, str)]
    with readable("the facet data set"):
        return read_csv(files, config.facet_headers, used)


def joined(
    frame: pd.DataFrame, facets: pd.DataFrame, config: Configuration, files: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the rows and their facets, row by row.

    Args:
        frame: The data set.
        facets: The facet data set.
        config: With the identifier, by which the two are joined if it is given.
        files: How many files the larger of the two has.

    Raises:
        ClarifyError: They cannot be put side by side.
    """
    if config.identifier is None:
        if files > 1:
            raise ClarifyError(
                "joinsource_name_or_index is required, since the data set or the facet "
                "data set has more than one file"
            )
        if len(frame) != len(facets):
            raise ClarifyError(
                f"the data set has {len(frame)} rows, the facet data set {len(facets)}"
            )
        return frame, facets
    what = "joinsource_name_or_index"
    key, other = locate(frame, config.identifier, what), config.identifier
    other = locate(facets, key if isinstance(other, int) else other, what)
    for rows in (frame[key], facets[other]):
        if rows.duplicated().any():
            raise ClarifyError(f"{what}: the column {key!r} has a value twice")
    order = pd.DataFrame({"key": frame[key], "left": range(len(frame))}).merge(
        pd.DataFrame({"key": facets[other], "right": range(len(facets))}), on="key"
    )
    if order.empty:
        raise ClarifyError(f"{what}: no value of {key!r} is in both data sets")
    return (
        frame.iloc[order.left].reset_index(drop=True),
        facets.iloc[order.right].reset_index(drop=True),
    )
