"""Which folders are tables and which are partitions, by a Glue crawler's rules.

Folders of one level whose schemas are alike, more than 70 % of them, are partitions
of one table; if they are not, each is a table of its own. Files of one folder that
are not alike become a table each.
"""

import re
from dataclasses import dataclass, field

from localaws.lake.classify import Columns, Found
from localaws.lake.inference import merge

_ALIKE = 0.7


@dataclass
class Leaf:
    """One file: where it is, and what was found in it."""

    uri: str
    size: int
    found: Found


@dataclass
class Group:
    """A folder whose files have one schema.

    Attributes:
        uri: Its address, with a slash at the end.
        levels: How many levels of folders below it are partitions.
        leaves: The files below it.
    """

    uri: str
    levels: int
    leaves: list[Leaf]

    @property
    def columns(self) -> Columns:
        """The columns of every file, each in the widest type."""
        return merged([leaf.found.columns for leaf in self.leaves])

    @property
    def kind(self) -> tuple[str, str, str]:
        """What has to be equal in one table."""
        found = self.leaves[0].found
        delimiter = found.parameters.get("delimiter", "")
        return found.classification, found.compression, delimiter


@dataclass
class Folder:
    """A node of the tree of keys."""

    uri: str
    folders: dict[str, "Folder"] = field(default_factory=dict)
    leaves: list[Leaf] = field(default_factory=list)


def merged(schemas: list[Columns]) -> Columns:
    """Return the columns of several schemas, in the order in which they come up."""
    found: dict[str, str] = {}
    for columns in schemas:
        for name, kind in columns:
            found[name] = merge(found.get(name, kind), kind)
    return [[name, kind] for name, kind in found.items()]


def tables(root: str, leaves: list[Leaf], *, combine: bool) -> list[Group]:
    """Return the tables that files below a path make.

    Args:
        root: The include path, with a slash at the end.
        leaves: What was found.
        combine: Whether schemas need not be alike: `CombineCompatibleSchemas`.
    """
    tree = Folder(root)
    for leaf in leaves:
        node = tree
        for name in leaf.uri[len(root) :].split("/")[:-1]:
            below = f"{node.uri}{name}/"
            node = node.folders.setdefault(name, Folder(below))
        node.leaves.append(leaf)
    return _tables(tree, combine)


def _tables(folder: Folder, combine: bool) -> list[Group]:
    groups: list[Group] = []
    if folder.leaves:
        own = Group(folder.uri, 0, folder.leaves)
        pairs = [Group(leaf.uri, 0, [leaf]) for leaf in folder.leaves]
        groups += [own] if _alike(pairs, combine) else pairs
    below = {name: _tables(one, combine) for name, one in folder.folders.items()}
    if not below:
        return groups
    units = [found[0] for found in below.values() if len(found) == 1]
    regular = len(units) == len(below) and not folder.leaves
    level = {unit.levels for unit in units}
    named = all("=" in name for name in below)
    folders = all(unit.uri.endswith("/") for unit in units)
    several = len(level) == 1 and (named or len(units) > 1)
    if regular and folders and several and _alike(units, combine):
        leaves = [leaf for unit in units for leaf in unit.leaves]
        return [Group(folder.uri, level.pop() + 1, leaves)]
    return groups + [group for found in below.values() for group in found]


def _alike(groups: list[Group], combine: bool) -> bool:
    first = groups[0]
    if any(group.kind != first.kind for group in groups):
        return False
    if combine or len(groups) == 1:
        return True
    # clusters of schemas: more than 70 % of the folders are in the largest
    clusters: list[list[Columns]] = []
    for group in groups:
        columns = group.columns
        for cluster in clusters:
            if similarity(cluster[0], columns) > _ALIKE:
                cluster.append(columns)
                break
        else:
            clusters.append([columns])
    return max(map(len, clusters)) / len(groups) > _ALIKE


def similarity(one: Columns, other: Columns) -> float:
    """Return the share of columns that two schemas have in common, by name."""
    names = {name for name, _ in one}, {name for name, _ in other}
    return len(names[0] & names[1]) / max(len(names[0] | names[1]), 1)


def keys(group: Group) -> tuple[list[str], dict[tuple[str, ...], list[Leaf]]]:
    """Return the partition keys of a table, and its files by their values."""
    names: list[str] = []
    found: dict[tuple[str, ...], list[Leaf]] = {}
    for leaf in group.leaves:
        folders = leaf.uri[len(group.uri) :].split("/")[: group.levels]
        if not names:
            names = [
                folder.partition("=")[0].lower() if "=" in folder else f"partition_{n}"
                for n, folder in enumerate(folders)
            ]
        values = tuple(folder.partition("=")[2] or folder for folder in folders)
        found.setdefault(values, []).append(leaf)
    return names, found


def folder(group: Group, leaf: Leaf) -> str:
    """Return the address of the partition that a file of a table is in."""
    folders = leaf.uri[len(group.uri) :].split("/")[: group.levels]
    return f"{group.uri}{'/'.join(folders)}/"


def table_name(uri: str) -> str:
    """Return the name of a table for its folder or file."""
    last = uri.rstrip("/").rpartition("/")[2]
    last = last.partition("=")[0] if "=" in last else last
    return re.sub(r"[^a-z0-9_]", "_", last.lower())
