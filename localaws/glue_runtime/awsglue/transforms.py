"""The transforms of `awsglue.transforms`, each a method of DynamicFrame."""

from collections.abc import Callable
from typing import Any, NoReturn

from awsglue.dynamicframe import DynamicFrame, DynamicFrameCollection

from localaws.glue_runtime.refusing import refuse, refused


class GlueTransform:
    """What is common to all transforms."""

    @classmethod
    def name(cls) -> str:
        """Return the name of the transform."""
        return cls.__name__


class ApplyMapping(GlueTransform):
    """Names and types the fields anew, and leaves the others out."""

    @classmethod
    def apply(
        cls, frame: DynamicFrame, mappings: list[Any], *more: Any, **named: Any
    ) -> DynamicFrame:
        """Return the mapped frame."""
        named.pop("case_sensitive", None)
        return frame.apply_mapping(mappings, **named)


class ResolveChoice(GlueTransform):
    """Gives fields of several types one."""

    @classmethod
    def apply(cls, frame: DynamicFrame, *given: Any, **named: Any) -> DynamicFrame:
        """Return the resolved frame."""
        return frame.resolveChoice(*given, **named)


class DropNullFields(GlueTransform):
    """Drops the fields that have no value in any record."""

    @classmethod
    def apply(
        cls, frame: DynamicFrame, transformation_ctx: str = "", info: str = ""
    ) -> DynamicFrame:
        """Return the frame without them."""
        return frame.drop_null_fields()


class DropFields(GlueTransform):
    """Drops fields."""

    @classmethod
    def apply(
        cls, frame: DynamicFrame, paths: list[str], *more: Any, **named: Any
    ) -> DynamicFrame:
        """Return the frame without them."""
        return frame.drop_fields(paths, *more, **named)


class SelectFields(GlueTransform):
    """Keeps fields."""

    @classmethod
    def apply(
        cls, frame: DynamicFrame, paths: list[str], *more: Any, **named: Any
    ) -> DynamicFrame:
        """Return the frame of them."""
        return frame.select_fields(paths, *more, **named)


class RenameField(GlueTransform):
    """Renames a field."""

    @classmethod
    def apply(
        cls,
        frame: DynamicFrame,
        old_name: str,
        new_name: str,
        *more: Any,
        **named: Any,
    ) -> DynamicFrame:
        """Return the frame with its new name."""
        return frame.rename_field(old_name, new_name, *more, **named)


class Filter(GlueTransform):
    """Keeps the records that a function chooses."""

    @classmethod
    def apply(
        cls, frame: DynamicFrame, f: Callable[[Any], Any], *more: Any, **named: Any
    ) -> DynamicFrame:
        """Return the frame of them."""
        return frame.filter(f, *more, **named)


class Map(GlueTransform):
    """Makes a new record of each."""

    @classmethod
    def apply(
        cls, frame: DynamicFrame, f: Callable[[Any], Any], *more: Any, **named: Any
    ) -> DynamicFrame:
        """Return the frame of them."""
        return frame.map(f, False, *more, **named)


class Join(GlueTransform):
    """Joins two frames where their keys are equal."""

    @classmethod
    def apply(
        cls,
        frame1: DynamicFrame,
        frame2: DynamicFrame,
        keys1: list[str],
        keys2: list[str],
        transformation_ctx: str = "",
    ) -> DynamicFrame:
        """Return the joined frame."""
        return frame1.join(keys1, keys2, frame2, transformation_ctx)


class SplitFields(GlueTransform):
    """Splits a frame by its fields."""

    @classmethod
    def apply(
        cls,
        frame: DynamicFrame,
        paths: list[str],
        name1: str | None = None,
        name2: str | None = None,
        *more: Any,
        **named: Any,
    ) -> DynamicFrameCollection:
        """Return the frame of the fields, and that of the others."""
        names = name1 or f"{frame.name}1", name2 or f"{frame.name}2"
        return frame.split_fields(paths, *names, *more, **named)


class SplitRows(GlueTransform):
    """Splits a frame by comparisons."""

    @classmethod
    def apply(
        cls,
        frame: DynamicFrame,
        comparison_dict: dict[str, dict[str, Any]],
        name1: str = "frame1",
        name2: str = "frame2",
        *more: Any,
        **named: Any,
    ) -> DynamicFrameCollection:
        """Return the frame of the records for which they hold, and that of others."""
        return frame.split_rows(comparison_dict, name1, name2, *more, **named)


class SelectFromCollection(GlueTransform):
    """Picks a frame of a collection."""

    @classmethod
    def apply(
        cls, dfc: DynamicFrameCollection, key: str, transformation_ctx: str = ""
    ) -> DynamicFrame:
        """Return it."""
        found: DynamicFrame = dfc.select(key)
        return found


class Relationalize(GlueTransform):
    """Flattens nested fields, and makes a frame of each array."""

    @classmethod
    def apply(
        cls,
        frame: DynamicFrame,
        staging_path: str | None = None,
        name: str = "roottable",
        options: dict[str, Any] | None = None,
        *more: Any,
        **named: Any,
    ) -> DynamicFrameCollection:
        """Return the frames."""
        return frame.relationalize(name, staging_path or "", options, *more, **named)


class Unbox(GlueTransform):
    """Parses a field that holds JSON."""

    @classmethod
    def apply(
        cls, frame: DynamicFrame, path: str, format: str, *more: Any, **named: Any
    ) -> DynamicFrame:
        """Return the frame with what the field holds."""
        return frame.unbox(path, format, *more, **named)


class UnnestFrame(GlueTransform):
    """Flattens nested fields."""

    @classmethod
    def apply(cls, frame: DynamicFrame, *more: Any, **named: Any) -> DynamicFrame:
        """Return the flat frame."""
        return frame.unnest(*more, **named)


class Union(GlueTransform):
    """Puts the records of two frames together."""

    @classmethod
    def apply(
        cls, frame1: DynamicFrame, frame2: DynamicFrame, *more: Any, **named: Any
    ) -> DynamicFrame:
        """Return the frame of both."""
        return frame1.union(frame2, *more, **named)


class _Refused:
    """A transform that does not act here."""

    def __init__(self, name: str) -> None:
        self._name = name

    def apply(self, *given: Any, **named: Any) -> NoReturn:
        """Say so."""
        refuse("transforms", self._name)


globals().update({name: _Refused(name) for name in refused("transforms")})
