"""The job of a script: its bookmarks begin with `init` and are kept by `commit`."""

from typing import Any

from localaws.glue_runtime import bookmark


class Job:
    """The job that runs.

    Args:
        glue_context: Where it reads.
    """

    def __init__(self, glue_context: Any) -> None:
        self._glue_context = glue_context

    def init(self, job_name: str, args: dict[str, Any] | None = None) -> None:
        """Begin: sources with a transformation_ctx go on at their bookmarks."""
        bookmark.begin()

    def commit(self) -> None:
        """Keep how far the sources were read."""
        bookmark.commit()

    @classmethod
    def isJobInitialized(cls) -> bool:
        """Return whether `init` was called."""
        return bookmark.begun()
