"""What can go wrong in this room.

JobError
├── ArchiveError       an archive that is damaged, or would write outside its folder
├── ModelLoadError     a model server that never became ready
└── ModelServerError   a model server that cannot answer (it crashed, or was closed)
    └── ModelTimeout   a model server that did not answer in time
"""


class JobError(Exception):
    """Base of the errors of `localaws.jobs`."""


class ArchiveError(JobError):
    """An archive is damaged, or a member would leave its folder."""


class ModelLoadError(JobError):
    """The serving code did not become ready.

    Attributes:
        tail: last lines that the server logged, paths as the container spells them.
    """

    def __init__(self, message: str, tail: list[str] | None = None) -> None:
        super().__init__(message)
        self.tail = tail or []


class ModelServerError(JobError):
    """The model server could not answer a request: it crashed or is closed."""


class ModelTimeout(ModelServerError):
    """The model server did not answer a request in time."""
