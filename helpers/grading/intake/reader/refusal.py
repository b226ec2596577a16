"""Why a file cannot be read, and what its owner can do about it."""


class Refused(Exception):
    """Says the reason, as the end of "the file …", and the next step."""

    def __init__(self, reason: str, next_step: str) -> None:
        super().__init__(reason, next_step)
        self.reason, self.next_step = reason, next_step


SAVE_AGAIN = "open it in JupyterLab, save it, and hand it in again"
CLEAR = "clear all outputs (Edit, Clear Outputs of All Cells), save, and hand it in"
ZIP_AGAIN = "hand in the .ipynb file itself, without an archive"


def size(count: int) -> str:
    """Say a number of bytes, such as 300 MB."""
    if count < 10_000:
        return f"{count} bytes"
    return f"{count / 1e6:,.0f} MB" if count >= 1e6 else f"{count / 1e3:,.0f} kB"
