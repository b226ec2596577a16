"""Positions in a shard of an Amazon Kinesis data stream."""

import base64
import binascii
import datetime as dt
import json
from dataclasses import dataclass
from typing import Any

from localaws.limits import limit
from localaws.services.kinesis_shards import Log, Shard
from localaws.services.kinesis_stream import ACCOUNT, Stream, refused

_BY_NUMBER = ("AT_SEQUENCE_NUMBER", "AFTER_SEQUENCE_NUMBER")
_FORM = "%a %b %d %H:%M:%S UTC %Y"


@dataclass(frozen=True)
class Iterator:
    """What a shard iterator says.

    Attributes:
        stream: Name of the stream.
        shard: Id of the shard.
        after: Sequence number after which it goes on.
    """

    stream: str
    shard: str
    after: int

    def token(self, now: dt.datetime) -> str:
        """Return the iterator as callers hold it, from now on."""
        parts = [now.timestamp(), self.stream, self.shard, str(self.after)]
        return base64.b64encode(json.dumps(parts).encode()).decode()

    @classmethod
    def read(cls, token: str, now: dt.datetime) -> "Iterator":
        """Read an iterator.

        Raises:
            AwsError: It is none, or it is too old.
        """
        try:
            made, stream, shard, after = json.loads(
                base64.b64decode(token, validate=True)
            )
            found = cls(stream, shard, int(after))
            created = dt.datetime.fromtimestamp(made, dt.UTC)
        except (binascii.Error, UnicodeDecodeError, ValueError, TypeError) as error:
            raise refused("InvalidArgument", "Invalid ShardIterator.") from error
        life = int(limit("kinesis", "iterator_seconds"))
        if now - created > dt.timedelta(seconds=life):
            raise refused(
                "ExpiredIterator",
                f"Iterator expired. The iterator was created at time {created:{_FORM}} "
                f"while right now it is {now:{_FORM}} which is further in the future "
                f"than the tolerated delay of {life * 1000} milliseconds.",
            )
        return found


def position(
    stream: Stream,
    shard: Shard,
    log: Log,
    given: dict[str, Any],
    now: dt.datetime,
    caller: str,
) -> int:
    """Return the sequence number after which reading begins.

    Args:
        stream: The stream.
        shard: The shard.
        log: Its records.
        given: Type, SequenceNumber, Timestamp.
        now: The time.
        caller: The operation, for its errors.
    """
    kind, number = given["Type"], given.get("SequenceNumber")
    if (kind in _BY_NUMBER) != (number is not None):
        found = "also a" if number is not None else "no"
        raise refused(
            "InvalidArgument",
            "Must either specify (1) AT_SEQUENCE_NUMBER or AFTER_SEQUENCE_NUMBER and "
            "StartingSequenceNumber or (2) TRIM_HORIZON or LATEST and no "
            f"StartingSequenceNumber. Request specified {kind} and {found} "
            "StartingSequenceNumber.",
        )
    if number is not None:
        _check(stream, shard, int(number), caller)
        return int(number) - (kind == "AT_SEQUENCE_NUMBER")
    if kind == "TRIM_HORIZON":
        return 0
    if kind == "LATEST":
        return shard.sequence(log.count + 1, shard.created) - 1
    return _at(given.get("Timestamp"), log, now)


def _check(stream: Stream, shard: Shard, number: int, caller: str) -> None:
    """Refuse a number that is of another shard or stream."""
    used = (
        f"StartingSequenceNumber {number} used in {caller} on shard {shard.id} in "
        f"stream {stream.name} under account {ACCOUNT} is invalid"
    )
    digits = f"{number:x}"
    if len(digits) != 47 or digits[0] != "2" or digits[-1] != "2":
        raise refused("InvalidArgument", f"{used}.")
    encoded = int(digits[38:46], 16)
    if encoded != shard.number:
        raise refused(
            "InvalidArgument",
            f"Invalid StartingSequenceNumber. It encodes shardId-{encoded:012d}, while "
            f"it was used in a call to a shard with {shard.id}",
        )
    if int(digits[1:10], 16) != int(shard.created.timestamp()):
        raise refused(
            "InvalidArgument", f"{used} because it did not come from this stream."
        )


def _at(moment: float | None, log: Log, now: dt.datetime) -> int:
    if moment is None:
        raise refused(
            "InvalidArgument", "Must specify timestamp parameter for AT_TIMESTAMP."
        )
    if moment > now.timestamp():
        raise refused(
            "InvalidArgument",
            "The timestampInMillis parameter cannot be greater than the "
            f"currentTimestampInMillis. timestampInMillis: {int(moment * 1000)}, "
            f"currentTimestampInMillis: {int(now.timestamp() * 1000)}",
        )
    earlier = [r for r in log.records if r.arrived.timestamp() < moment]
    return earlier[-1].sequence if earlier else 0
