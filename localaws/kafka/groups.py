"""The consumer groups of a cluster, and the offsets that they have committed."""

import asyncio
import json
from pathlib import Path

from kafka import errors

from localaws.kafka.group import Group

_LOOK = 0.1
Committed = tuple[int, int, str]
Place = tuple[str, int]


class Groups:
    """Every group; members end with the process, committed offsets stay.

    Args:
        folder: Where the offsets are kept, a line for each commit.
    """

    def __init__(self, folder: Path) -> None:
        self._file = folder / "offsets.jsonl"
        self._groups: dict[str, Group] = {}
        self._offsets: dict[str, dict[Place, Committed]] = {}
        self._load()

    def _load(self) -> None:
        if not self._file.exists():
            return
        for line in self._file.read_text().splitlines(keepends=True):
            if line.endswith("\n"):
                group, topic, number, committed = json.loads(line)
                self._set(group, (topic, number), committed)
        draft = self._file.with_suffix(".new")
        with draft.open("w") as file:
            for group, places in self._offsets.items():
                for place, committed in places.items():
                    file.write(json.dumps([group, *place, committed]) + "\n")
        draft.replace(self._file)

    def _set(self, group: str, place: Place, committed: Committed | None) -> None:
        held = self._offsets.setdefault(group, {})
        if committed is None:
            held.pop(place, None)
        else:
            held[place] = (committed[0], committed[1], committed[2])
        if not held:
            del self._offsets[group]

    def _write(self, rows: list[tuple[str, Place, Committed | None]]) -> None:
        lines = [json.dumps([group, *place, row]) + "\n" for group, place, row in rows]
        with self._file.open("a") as file:
            file.write("".join(lines))
        for row in rows:
            self._set(*row)

    async def watch(self) -> None:
        """Look after the groups until the process ends."""
        while True:
            await asyncio.sleep(_LOOK)
            for group in list(self._groups.values()):
                group.look()

    def group(self, name: str, make: bool = False) -> Group:
        """Return a group.

        Args:
            name: Its id.
            make: Whether to make one that is not known.

        Raises:
            BrokerResponseError: The id is empty, or not known.
        """
        if not name:
            raise errors.InvalidGroupIdError
        if make or name in self._offsets:
            return self._groups.setdefault(name, Group(name))
        known = self._groups.get(name)
        if known is None or not known.subscribes():
            raise errors.GroupIdNotFoundError(f"Group {name} not found.")
        return known

    def all(self) -> list[Group]:
        """Return every group that has members or offsets."""
        for name in self._offsets:
            self.group(name)
        return [
            group
            for name, group in self._groups.items()
            if group.subscribes() or name in self._offsets
        ]

    def commit(self, group: str, offsets: dict[Place, Committed]) -> None:
        """Keep offsets of a group."""
        self._write([(group, place, row) for place, row in offsets.items()])

    def committed(self, group: str) -> dict[Place, Committed]:
        """Return offset, leader's epoch and metadata of each partition."""
        return dict(self._offsets.get(group, {}))

    def forget(self, group: str, places: list[Place] | None = None) -> None:
        """Forget a group, or some of its offsets.

        Raises:
            NonEmptyGroupError: It has members.
        """
        if self.group(group).subscribes() and places is None:
            raise errors.NonEmptyGroupError
        held = self._offsets.get(group, {})
        gone = [place for place in held if places is None or place in places]
        self._write([(group, place, None) for place in gone])
        if places is None:
            self._groups.pop(group, None)

    def forget_topic(self, topic: str) -> None:
        """Forget the offsets of a topic that is deleted."""
        for group, held in list(self._offsets.items()):
            gone = [place for place in held if place[0] == topic]
            self._write([(group, place, None) for place in gone])
