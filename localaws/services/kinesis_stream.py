"""One Amazon Kinesis data stream."""

import datetime as dt
from dataclasses import dataclass, field
from hashlib import md5
from typing import Any

from localaws.errors import AwsError
from localaws.services.kinesis_shards import Shard

ACCOUNT = "123456789012"


def refused(code: str, message: str) -> AwsError:
    """Return an error of Kinesis, by its code without `Exception`."""
    return AwsError(f"{code}Exception", message)


@dataclass
class Stream:
    """One stream.

    Attributes:
        name: Its name.
        arn: Its ARN.
        created: When it was made.
        mode: PROVISIONED or ON_DEMAND.
        shards: Open and closed ones, in order of their numbers.
        ready: When it is ACTIVE.
        changed: When this was written down.
        doing: CREATING, UPDATING or DELETING until it is ready.
        hours: How long records stay.
        tags: Its tags.
        enhanced: Metrics that are kept for each shard.
        consumers: Consumers with fan-out, by name.
        scaled: When UpdateShardCount was called.
    """

    name: str
    arn: str
    created: dt.datetime
    mode: str
    shards: list[Shard]
    ready: dt.datetime
    changed: dt.datetime
    doing: str = "CREATING"
    hours: int = 24
    tags: dict[str, str] = field(default_factory=dict)
    enhanced: list[str] = field(default_factory=list)
    consumers: dict[str, dict[str, Any]] = field(default_factory=dict)
    scaled: list[dt.datetime] = field(default_factory=list)

    def status(self, now: dt.datetime) -> str:
        """Return the status at a time."""
        return "ACTIVE" if now >= self.ready else self.doing

    def open(self) -> list[Shard]:
        """Return the shards that take records, by hash key."""
        found = [shard for shard in self.shards if not shard.closed]
        return sorted(found, key=lambda shard: shard.start)

    def shard_of(self, key: str, explicit: str | None) -> Shard:
        """Return the open shard of a partition key or an explicit hash key."""
        digest = md5(key.encode(), usedforsecurity=False).hexdigest()
        number = int(explicit) if explicit else int(digest, 16)
        return next(s for s in self.open() if s.start <= number <= s.end)

    def shard(self, shard_id: str) -> Shard:
        """Return a shard by its id."""
        for shard in self.shards:
            if shard.id == shard_id:
                return shard
        raise refused(
            "ResourceNotFound",
            f"Shard {shard_id} in stream {self.name} under account {ACCOUNT} does not "
            "exist",
        )

    def children(self, shard: Shard) -> list[Shard]:
        """Return the shards that took over from one."""
        return [s for s in self.shards if shard.number in s.parents]

    def horizon(self, now: dt.datetime) -> dt.datetime:
        """Return the time before which records have expired."""
        return now - dt.timedelta(hours=self.hours)
