"""DynamicFrameCollection: frames by their names."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any


class DynamicFrameCollection:
    """Several DynamicFrames, each with a key.

    Args:
        dynamic_frames: By key, or a list, whose keys are the frames' names.
        glue_ctx: The GlueContext.
    """

    def __init__(
        self, dynamic_frames: dict[str, Any] | Iterable[Any], glue_ctx: Any
    ) -> None:
        if not isinstance(dynamic_frames, dict):
            dynamic_frames = {one.name: one for one in dynamic_frames}
        self._frames = dict(dynamic_frames)
        self._glue = glue_ctx

    def __getitem__(self, key: str) -> Any:
        return self._frames[key]

    def __len__(self) -> int:
        return len(self._frames)

    def __iter__(self) -> Iterator[str]:
        return iter(self._frames)

    def keys(self) -> list[str]:
        """Return the keys."""
        return list(self._frames)

    def values(self) -> list[Any]:
        """Return the frames."""
        return list(self._frames.values())

    def select(self, key: str, transformation_ctx: str = "") -> Any:
        """Return the frame of a key."""
        return self._frames[key]

    def map(
        self, callable: Callable[[Any, str], Any], transformation_ctx: str = ""
    ) -> "DynamicFrameCollection":
        """Return a collection of what a function makes of each frame and its key."""
        made = {key: callable(one, key) for key, one in self._frames.items()}
        return DynamicFrameCollection(made, self._glue)
