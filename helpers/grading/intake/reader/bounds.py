"""How much of an untrusted file is read."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Bounds:
    """Limits of one reading.

    Attributes:
        file_bytes: of a notebook, with its outputs.
        archive_bytes: of an archive that a student hands in.
        entries: in such an archive.
        unpacked_bytes: that such an archive says it holds.
        ratio: between an entry and its packed form, once it is a bomb's size.
        bomb_bytes: from which the ratio counts.
        listed: entries in the archive of a whole class.
        cells: of a notebook, of any kind.
        cell_bytes: of the source of one cell.
        code_bytes: of all sources together.
        parsed_bytes: of a source that is parsed for the names that it defines.
    """

    file_bytes: int = 128 << 20
    archive_bytes: int = 64 << 20
    entries: int = 2_000
    unpacked_bytes: int = 1 << 30
    ratio: int = 200
    bomb_bytes: int = 16 << 20
    listed: int = 200_000
    cells: int = 5_000
    cell_bytes: int = 1 << 20
    code_bytes: int = 8 << 20
    parsed_bytes: int = 256 << 10


BOUNDS = Bounds()

CPU_SECONDS = 20
WALL_SECONDS = 60
MEMORY = 1 << 30
ANSWER_BYTES = 64 << 20
