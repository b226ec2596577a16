"""ApplyMapping and the other changes of a frame's fields."""

from typing import Any

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as f

from localaws.glue_runtime.choices import at, cast, is_choice, parts, put, quoted
from localaws.glue_runtime.refusing import NotActingHere

Tree = dict[str, Any]


def apply_mapping(data: DataFrame, mappings: list[tuple[str, ...]]) -> DataFrame:
    """Return the fields that are named, with new names and types, and no others.

    Args:
        data: The frame.
        mappings: Source, its type, target, its type.
    """
    made: Tree = {}
    for mapping in mappings:
        if len(mapping) != 4:
            raise ValueError(
                "Each mapping has the form (source column, source type, target column,"
                f" target type), found {mapping!r}"
            )
        source, _, target, kind = mapping
        found = at(data.schema, source)
        if found is None:
            continue
        if is_choice(found):
            raise NotActingHere(
                f"apply_mapping on {source}, which is a choice,",
                "takes the values of the source type; here resolve the choice first",
            )
        *above, last = parts(target)
        inner = made
        for name in above:
            inner = inner.setdefault(name, {})
        inner[last] = cast(f.col(quoted(*parts(source))), found, kind)
    return data.select([_built(name, one) for name, one in made.items()])


def _built(name: str, made: Column | Tree) -> Column:
    if isinstance(made, dict):
        made = f.struct(*[_built(inner, one) for inner, one in made.items()])
    return made.alias(name)


def drop_fields(data: DataFrame, paths: list[str]) -> DataFrame:
    """Return a frame without some fields."""
    for path in paths:
        if at(data.schema, path) is None:
            continue
        top, *below = parts(path)
        if below:
            data = put(data, top, [], f.col(quoted(top)).dropFields(quoted(*below)))
        else:
            kept = [f.col(quoted(one)) for one in data.columns if one != top]
            data = data.select(kept)
    return data


def select_fields(data: DataFrame, paths: list[str]) -> DataFrame:
    """Return some fields of a frame; those that are not there are left out."""
    for path in paths:
        if len(parts(path)) > 1:
            raise NotActingHere(
                f"select_fields({path!r})", "keeps one field of a struct"
            )
    names = [parts(path)[0] for path in paths]
    return data.select([f.col(quoted(one)) for one in names if one in data.columns])


def rename_field(data: DataFrame, old: str, new: str) -> DataFrame:
    """Return a frame in which one field has another name."""
    found, names = parts(old), parts(new)
    if len(found) > 1 or len(names) > 1:
        raise NotActingHere(f"rename_field({old!r}, {new!r})", "moves a nested field")
    return data.select(
        [
            f.col(quoted(one)).alias(names[0] if one == found[0] else one)
            for one in data.columns
        ]
    )


def drop_null_fields(data: DataFrame) -> DataFrame:
    """Return the fields that have a value in any record."""
    if not data.columns:
        return data
    counts = data.select(
        [
            f.count(f.col(quoted(one))).alias(str(i))
            for i, one in enumerate(data.columns)
        ]
    ).first()
    assert counts is not None
    kept = [one for one, count in zip(data.columns, counts, strict=True) if count]
    return data.select([f.col(quoted(one)) for one in kept])


def join(
    one: DataFrame, other: DataFrame, keys: list[str], others: list[str]
) -> DataFrame:
    """Return the records of two frames that agree in their keys.

    Args:
        one: The left frame.
        other: The right one; a field of a name that both have gets a dot before it.
        keys: Of the left frame.
        others: Of the right one.
    """
    if len(keys) != len(others):
        raise ValueError("Join: both frames need the same number of keys")
    names = {
        name: f".{name}" if name in one.columns else name for name in other.columns
    }
    right = other.select(
        [f.col(quoted(name)).alias(new) for name, new in names.items()]
    )
    terms = [
        one[quoted(*parts(left))] == right[quoted(names[parts(match)[0]])]
        for left, match in zip(keys, others, strict=True)
    ]
    condition = terms[0]
    for term in terms[1:]:
        condition = condition & term
    return one.join(right, condition, "inner")
