"""Why a query or a crawl ends without what was asked for."""


class QueryError(Exception):
    """The query fails; the text is what Athena says of it.

    Args:
        message: With Trino's name of the error, such as `COLUMN_NOT_FOUND: ...`.
        kind: Number in Athena's catalog of errors.
        category: 1 the system, 2 the user, 3 other.
    """

    def __init__(self, message: str, kind: int = 1006, category: int = 2) -> None:
        super().__init__(message)
        self.message = message
        self.kind = kind
        self.category = category


class ScanLimit(Exception):
    """The query would read more than its workgroup allows.

    Args:
        scanned: What it would read, in bytes.
    """

    def __init__(self, scanned: int) -> None:
        super().__init__("Bytes scanned limit was exceeded")
        self.scanned = scanned
