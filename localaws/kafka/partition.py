"""One partition: an append-only file of record batches, and what is known of them."""

import bisect
import os
import struct
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from kafka import errors
from kafka.record import MemoryRecords

# base offset, length, leader epoch, magic, crc, attributes, last offset's delta, base
# and last time, producer's id, epoch and sequence, number of records
_HEADER = struct.Struct(">qiibIhiqqqhii")
_PREFIX = 12
_MAGIC = 2
_TRANSACTIONAL = 0x10
_REMEMBERED = 5


@dataclass(frozen=True)
class Batch:
    """Where a batch is, and its offsets and latest time."""

    base: int
    last: int
    position: int
    size: int
    time: int


def _is_batch(head: tuple[int, ...]) -> bool:
    """Whether a header is one: what a crash leaves may be anything."""
    return head[3] == _MAGIC and head[1] >= _HEADER.size - _PREFIX and head[6] >= 0


class Partition:
    """A log that outlives the process.

    Args:
        path: Its file, made when something is appended.
        leader: The broker that serves it.
        replicas: The brokers that would keep it, the leader first.
    """

    def __init__(self, path: Path, leader: int, replicas: list[int]) -> None:
        self.leader = leader
        self.replicas = replicas
        self._path = path
        self._mark = path.with_suffix(".start")
        self._batches: list[Batch] = []
        self._producers: dict[int, tuple[int, deque[tuple[int, int, int]]]] = {}
        self._bytes = 0
        self.start = int(self._mark.read_text()) if self._mark.exists() else 0
        self.end = self.start
        self._load()

    def _load(self) -> None:
        """Read what an earlier process wrote; a torn batch at the end is cut off."""
        if not self._path.exists():
            return
        whole = self._path.stat().st_size
        with self._path.open("rb") as file:
            while whole - self._bytes >= _HEADER.size:
                file.seek(self._bytes)
                head = _HEADER.unpack(file.read(_HEADER.size))
                follows = not self._batches or head[0] == self.end
                fits = whole - self._bytes >= _PREFIX + head[1]
                if not (_is_batch(head) and follows and fits):
                    break
                self._note(head, self._bytes)
        os.truncate(self._path, self._bytes)

    def _note(self, head: tuple[int, ...], position: int) -> None:
        base, last = head[0], head[0] + head[6]
        batch = Batch(base, last, position, _PREFIX + head[1], head[8])
        self._batches.append(batch)
        self._bytes = position + batch.size
        self.end = last + 1
        producer, epoch, sequence = head[9:12]
        if producer >= 0:
            known = self._producers.get(producer)
            if known is None or known[0] != epoch:
                known = self._producers[producer] = (epoch, deque(maxlen=_REMEMBERED))
            known[1].append((sequence, sequence + head[6], base))

    @property
    def size(self) -> int:
        """Bytes of the batches that can be read."""
        first = self._index(self.start)
        return sum(batch.size for batch in self._batches[first:])

    def _index(self, offset: int) -> int:
        """Return the place of the batch that holds an offset, or of the next one."""
        return bisect.bisect_left(self._batches, offset, key=lambda batch: batch.last)

    def append(self, records: bytes, most: int) -> int:
        """Append what a producer sent.

        Args:
            records: One or more record batches.
            most: max.message.bytes.

        Returns:
            The offset of the first record; that of the first time, if the producer
            sends again what was written.

        Raises:
            BrokerResponseError: They cannot be appended.
        """
        heads, position = [], 0
        while position < len(records):
            heads.append((position, self._checked(records, position, most)))
            position += _PREFIX + heads[-1][1][1]
        if not heads:
            raise errors.InvalidRequestError("there are no records")
        again = self._repeated(heads[0][1])
        if again is not None:
            return again
        data, first, end = bytearray(records), self.end, self.end
        for position, head in heads:
            # neither the base offset nor the leader's epoch is in the checksum
            struct.pack_into(">q", data, position, end)
            struct.pack_into(">i", data, position + _PREFIX, 0)
            end += head[6] + 1
        with self._path.open("ab", buffering=0) as file:
            file.write(data)
        written = self._bytes
        for position, head in heads:
            self._note((self.end, *head[1:]), written + position)
        return first

    def _checked(self, records: bytes, position: int, most: int) -> tuple[int, ...]:
        if len(records) - position < _HEADER.size:
            raise errors.CorruptRecordError("a batch is cut off")
        head = _HEADER.unpack_from(records, position)
        if head[3] != _MAGIC:
            raise errors.UnsupportedForMessageFormatError("only record batches, v2")
        if not _is_batch(head):
            raise errors.CorruptRecordError("no record batch")
        if _PREFIX + head[1] > min(most, len(records) - position):
            if _PREFIX + head[1] > most:
                raise errors.MessageSizeTooLargeError(f"more than {most} bytes")
            raise errors.CorruptRecordError("a batch is cut off")
        if head[5] & _TRANSACTIONAL:
            raise errors.InvalidTxnStateError("there are no transactions here")
        return head

    def _repeated(self, head: tuple[int, ...]) -> int | None:
        """Return the offset of a batch that is here already, by its sequence."""
        producer, epoch, sequence = head[9:12]
        known = self._producers.get(producer)
        if producer < 0 or known is None or known[0] < epoch:
            return None
        if known[0] > epoch:
            raise errors.InvalidProducerEpochError("there is a newer producer")
        for first, last, base in known[1]:
            if (first, last) == (sequence, sequence + head[6]):
                return base
        if known[1] and sequence != known[1][-1][1] + 1:
            raise errors.OutOfOrderSequenceNumberError(f"sequence {sequence}")
        return None

    def read(self, offset: int, most: int) -> bytes:
        """Return whole batches from the one that holds an offset; at least one.

        Raises:
            OffsetOutOfRangeError: There is no such offset.
        """
        if not self.start <= offset <= self.end:
            raise errors.OffsetOutOfRangeError(f"{self.start} to {self.end}")
        first = self._index(offset)
        if first == len(self._batches):
            return b""
        begin = end = self._batches[first].position
        for batch in self._batches[first:]:
            if end > begin and batch.position + batch.size - begin > most:
                break
            end = batch.position + batch.size
        with self._path.open("rb", buffering=0) as file:
            file.seek(begin)
            return file.read(end - begin)

    def at_time(self, moment: int) -> tuple[int, int]:
        """Return offset and time of the first record that is not older.

        Args:
            moment: Milliseconds since 1970.

        Returns:
            -1 and -1 if there is none.
        """
        for batch in self._batches[self._index(self.start) :]:
            if batch.time < moment:
                continue
            for offset, time in self._times(batch):
                if time >= moment and offset >= self.start:
                    return offset, time
        return -1, -1

    def _times(self, batch: Batch) -> Iterator[tuple[int, int]]:
        """Yield offset and time of each record; of the batch if it cannot be read."""
        first = max(batch.base, self.start)
        records = MemoryRecords(self.read(first, 1))
        try:
            found = [(r.offset, r.timestamp) for r in records.next_batch()]
        except errors.UnsupportedCodecError:
            found = [(first, batch.time)]
        yield from found

    def latest(self) -> tuple[int, int]:
        """Return offset and time of the latest record by time; -1 and -1 if none."""
        kept = self._batches[self._index(self.start) :]
        if not kept:
            return -1, -1
        return self.at_time(max(batch.time for batch in kept))

    def cut(self, offset: int) -> None:
        """Forget the records before an offset; -1 is all of them.

        Raises:
            OffsetOutOfRangeError: There is no such offset.
        """
        offset = self.end if offset == -1 else offset
        if not 0 <= offset <= self.end:
            raise errors.OffsetOutOfRangeError(f"{self.start} to {self.end}")
        self.start = max(self.start, offset)
        self._mark.write_text(str(self.start))
        if self.start == self.end and self._batches:
            os.truncate(self._path, 0)
            self._batches, self._bytes = [], 0

    def shrink(self, most: int) -> None:
        """Forget the oldest batches until no more than some bytes are left."""
        size, first = self.size, self._index(self.start)
        for batch in self._batches[first:-1]:
            if size <= most:
                break
            size -= batch.size
            self.cut(batch.last + 1)

    def remove(self) -> None:
        """Delete its files."""
        self._path.unlink(missing_ok=True)
        self._mark.unlink(missing_ok=True)
