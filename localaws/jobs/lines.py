"""Cutting a stream of bytes into lines of text."""

CAP = 65_536


class Lines:
    """Turns chunks of bytes into lines; a line longer than the cap is split."""

    def __init__(self, cap: int = CAP) -> None:
        """Start a stream.

        Args:
            cap: the longest line, in bytes.
        """
        self._cap = cap
        self._pending = b""

    def feed(self, chunk: bytes) -> list[str]:
        """Add some bytes; returns the lines that are complete."""
        *whole, self._pending = (self._pending + chunk).split(b"\n")
        lines = [piece for line in whole for piece in self._pieces(line)]
        if len(self._pending) > self._cap:
            *pieces, last = self._split(self._pending)
            lines += [_text(piece) for piece in pieces]
            self._pending = last
        return lines

    def rest(self) -> list[str]:
        """The unfinished line at the end of the stream, if there is one."""
        pending, self._pending = self._pending, b""
        return self._pieces(pending) if pending else []

    def _pieces(self, line: bytes) -> list[str]:
        return [_text(piece) for piece in self._split(line)]

    def _split(self, line: bytes) -> list[bytes]:
        pieces = []
        while len(line) > self._cap:
            end = self._cap
            while end > self._cap - 4 and line[end] & 0xC0 == 0x80:
                end -= 1
            pieces.append(line[:end])
            line = line[end:]
        return [*pieces, line]


def _text(line: bytes) -> str:
    return line.removesuffix(b"\r").decode("utf-8", "replace")
