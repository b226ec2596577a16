"""AWS KMS: the key material, in a file of its own.

The journal only grows, so what it holds cannot be forgotten. The material stands apart,
as AWS keeps it in hardware modules: the file is written anew at each change, and a key
that is deleted is nowhere any more.
"""

import base64
import json
import threading

from localaws.errors import NoSpace
from localaws.home import KEYSTORE
from localaws.services.context import Context


class Keystore:
    """The material of every key, by its versions, oldest first.

    Args:
        context: Says where the endpoint's home is.
    """

    def __init__(self, context: Context) -> None:
        self._path = context.home.parent / KEYSTORE
        self._lock = threading.Lock()
        self._found: dict[str, list[bytes]] = {}
        if self._path.exists():
            kept = json.loads(self._path.read_text())
            self._found = {
                key: [base64.b64decode(one) for one in versions]
                for key, versions in kept.items()
            }

    def add(self, key: str, material: bytes) -> int:
        """Give a key new material, and return the number of its version, from 0."""
        with self._lock:
            versions = [*self._found.get(key, []), material]
            self._write({**self._found, key: versions})
            return len(versions) - 1

    def get(self, key: str, version: int = -1) -> bytes | None:
        """Return a version of a key's material, the newest by default, or None."""
        versions = self._found.get(key, [])
        return versions[version] if version < len(versions) and versions else None

    def versions(self, key: str) -> int:
        """Return how many versions of a key's material there are."""
        return len(self._found.get(key, []))

    def destroy(self, key: str) -> None:
        """Forget all material of a key, for ever."""
        with self._lock:
            self._write({k: v for k, v in self._found.items() if k != key})

    def _write(self, found: dict[str, list[bytes]]) -> None:
        """Write the file whole or not at all, for its owner alone."""
        text = json.dumps(
            {
                key: [base64.b64encode(one).decode() for one in versions]
                for key, versions in found.items()
            }
        )
        new = self._path.with_name(f"{KEYSTORE}.new")
        try:
            new.touch(mode=0o600)
            new.write_text(text)
            new.replace(self._path)
        except OSError as error:
            new.unlink(missing_ok=True)
            raise NoSpace(error) from error
        self._found = found
