"""Amazon Kinesis data streams: what the endpoint remembers of each.

moto's streams are not used: its splits and merges move records to the children, its
shards number them from 1, and it knows no throughput.
"""

import contextlib
import copy
import dataclasses
import datetime as dt
import threading
from collections.abc import Iterator, Sequence
from typing import Any

from localaws.limits import limit
from localaws.services import kinesis_billing
from localaws.services.context import Context
from localaws.services.kinesis_shards import Log, Record, Shard, even_ranges
from localaws.services.kinesis_stream import ACCOUNT, Stream, refused

_STREAM, _RECORDS = "kinesis-stream", "kinesis-records"


class Streams:
    """Every stream of the account.

    Args:
        context: Where the clock is.

    Attributes:
        lock: Held while streams are read or changed.
        news: Told of new records and of the end, under the lock.
        closed: Whether the endpoint stops or is reset.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._clock = context.clock
        self._found: dict[str, Stream] = {}
        self._logs: dict[tuple[str, int], Log] = {}
        self.lock = threading.RLock()
        self.news = threading.Condition(self.lock)
        self.closed = False

    def close(self) -> None:
        """End all subscriptions."""
        with self.lock:
            self.closed = True
            self.news.notify_all()

    def create(self, name: str, mode: str, shards: int, tags: dict[str, str]) -> None:
        """Make a stream."""
        if name in self.names():
            raise refused(
                "ResourceInUse",
                f"Stream {name} under account {ACCOUNT} already exists.",
            )
        now = self._clock.now()
        ranges = enumerate(even_ranges(shards))
        stream = Stream(
            name,
            f"arn:aws:kinesis:{self._context.aws.region}:{ACCOUNT}:stream/{name}",
            now,
            mode,
            [Shard(number, start, end, now, []) for number, (start, end) in ranges],
            self._soon(),
            now,
            tags=tags,
        )
        self._keep(stream)

    @contextlib.contextmanager
    def changing(self, stream: Stream, doing: str = "") -> Iterator[Stream]:
        """Yield a copy of a stream, which takes its place unless an error is raised.

        Args:
            stream: The stream.
            doing: CREATING, UPDATING or DELETING, if it is not ACTIVE for a while.
        """
        draft = copy.deepcopy(stream)
        draft.changed = self._clock.now()
        yield draft
        if doing:
            draft.doing, draft.ready = doing, self._soon()
        self._keep(draft)

    def log(self, stream: Stream, shard: Shard) -> Log:
        """Return the records of a shard."""
        return self._log(stream.name, shard.number)

    def _log(self, name: str, number: int) -> Log:
        found = self._logs.get((name, number))
        if found is None:
            found = self._logs[name, number] = Log()
        return found

    def append(
        self, stream: Stream, records: Sequence[tuple[Shard, str, str, int]]
    ) -> list[tuple[Shard, Record | None]]:
        """Add records as far as the throughput of their shards allows.

        Args:
            stream: The stream.
            records: Shard, partition key, data in base64 and size of each.

        Returns:
            The shard and the record of each, None for one that was too much.
        """
        now = self._clock.now()
        answer: list[tuple[Shard, Record | None]] = []
        kept: list[tuple[Shard, Record]] = []
        named = {shard.number: shard for shard, *_ in records}
        trial = {n: self.log(stream, shard).trial() for n, shard in named.items()}
        for shard, key, data, size in records:
            log = trial[shard.number]
            record = None
            if log.writes.admits(now, size):
                number = shard.sequence(log.count + 1, now)
                record = Record(number, key, data, size, now)
                log.append(record)
                kept.append((shard, record))
            answer.append((shard, record))
        if kept:
            rows = [[shard.number, *record.row()] for shard, record in kept]
            payload = {"stream": stream.name, "rows": rows}
            self._context.journal.record(_RECORDS, payload)
            for shard, record in kept:
                self.log(stream, shard).append(record)
            self.news.notify_all()
        return answer

    def names(self) -> list[str]:
        """Return the names of the streams, sorted."""
        now = self._clock.now()
        for name, stream in list(self._found.items()):
            if stream.doing == "DELETING" and now >= stream.ready:
                self._forget(name)
        return sorted(self._found)

    def __iter__(self) -> Iterator[Stream]:
        return iter([self._found[name] for name in self.names()])

    def find(self, given: dict[str, Any]) -> Stream:
        """Return the stream that an input names, without what has expired."""
        arn = given.get("StreamARN", "")
        name = given.get("StreamName") or arn.rpartition("/")[2]
        if not name:
            raise refused(
                "InvalidArgument", "Either StreamName or StreamARN must be given."
            )
        if name not in self.names() or (arn and self._found[name].arn != arn):
            raise refused(
                "ResourceNotFound", f"Stream {name} under account {ACCOUNT} not found."
            )
        stream = self._found[name]
        self._trim(stream, self._clock.now())
        return stream

    def active(self, given: dict[str, Any]) -> Stream:
        """Return the stream that an input names, which must be ACTIVE."""
        stream = self.find(given)
        status = stream.status(self._clock.now())
        if status != "ACTIVE":
            raise refused(
                "ResourceInUse",
                f"Stream {stream.name} under account {ACCOUNT} not ACTIVE, instead in "
                f"state {status}",
            )
        return stream

    def readable(self, given: dict[str, Any]) -> Stream:
        """Return the stream that an input names, which must have been created."""
        stream = self.find(given)
        if stream.status(self._clock.now()) in ("CREATING", "DELETING"):
            raise refused(
                "ResourceNotFound",
                f"Stream {stream.name} under account {ACCOUNT} not found.",
            )
        return stream

    def await_change(self, stream: Stream) -> None:
        """Move a standing clock to the end of a change, as who waits for it would."""
        missing = (stream.ready - self._clock.now()).total_seconds()
        if self._clock.standing and missing > 0:
            self._clock.advance(missing)

    def restore_stream(self, payload: dict[str, Any]) -> None:
        """Take a stream as it was written down."""
        shards = [Shard(**shard) for shard in payload["shards"]]
        stream = Stream(**{**payload, "shards": shards})
        before = self._found.get(stream.name)
        if before and before.created == stream.created:
            self._trim(before, stream.changed)
        else:
            self._forget(stream.name)
        self._found[stream.name] = stream

    def restore_records(self, payload: dict[str, Any]) -> None:
        """Take records as they were written down."""
        for number, *members in payload["rows"]:
            self._log(payload["stream"], number).append(Record(*members))

    def _keep(self, stream: Stream) -> None:
        payload = dataclasses.asdict(stream)
        self._context.journal.record(_STREAM, payload)
        self.restore_stream(payload)
        kinesis_billing.stand(self._context, stream)

    def _forget(self, name: str) -> None:
        self._found.pop(name, None)
        for key in [key for key in self._logs if key[0] == name]:
            del self._logs[key]

    def _trim(self, stream: Stream, now: dt.datetime) -> None:
        horizon = stream.horizon(now)
        for shard in stream.shards:
            self.log(stream, shard).trim(horizon)
        kept = [s for s in stream.shards if not s.closed or s.closed > horizon]
        stream.shards[:] = kept

    def _soon(self) -> dt.datetime:
        seconds = limit("latency", "settling_seconds")
        return self._clock.now() + dt.timedelta(seconds=seconds)


RESTORERS = {
    _STREAM: lambda context, payload, body: context.part(Streams).restore_stream(
        payload
    ),
    _RECORDS: lambda context, payload, body: context.part(Streams).restore_records(
        payload
    ),
}
