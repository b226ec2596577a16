"""One consumer group: who is in it, and how it shares partitions anew."""

import asyncio
import time
from dataclasses import dataclass
from typing import Any

from kafka import errors

from localaws.kafka.member import Member, new_name

EMPTY = "Empty"
PREPARING = "PreparingRebalance"
COMPLETING = "CompletingRebalance"
STABLE = "Stable"
# group.initial.rebalance.delay.ms: who starts at once is in the first round
_FIRST = 0.3


@dataclass(frozen=True)
class Joined:
    """What a member is told once the group is complete."""

    generation: int
    protocol: str
    leader: str
    member: str
    members: list[Member]


class Group:
    """A group by Kafka's classic protocol.

    Args:
        name: Its id.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.state = EMPTY
        self.kind = ""
        self.protocol = ""
        self.generation = 0
        self.leader = ""
        self.members: dict[str, Member] = {}
        self._expected: dict[str, float] = {}
        self._from = 0.0
        self._until = 0.0

    def subscribes(self) -> bool:
        """Whether it has members."""
        return bool(self.members)

    async def join(self, request: Any, client: str, named: bool) -> Joined:
        """Let a consumer join, and wait until the group is complete.

        Args:
            request: JoinGroupRequest.
            client: What it calls itself.
            named: Whether a new one must come again with the id that it is given.

        Raises:
            BrokerResponseError: It cannot join.
        """
        protocols = {one.name: bytes(one.metadata) for one in request.protocols}
        self._check(request, protocols)
        known = request.member_id in self.members
        member = self._found(request, client, named, protocols)
        if known and not member.waiting and member.protocols == protocols:
            settled = self.state == STABLE and member.name != self.leader
            if settled or self.state == COMPLETING:
                # it has not heard of this generation
                return self._answer(member)
        member.protocols = protocols
        member.session = request.session_timeout_ms / 1000
        patience = request.rebalance_timeout_ms
        member.patience = patience / 1000 if patience > 0 else member.session
        member.heard()
        member.fail(errors.RebalanceInProgressError())
        member.joining = asyncio.get_running_loop().create_future()
        waiting = member.joining
        self.kind = request.protocol_type
        self._rebalance()
        self.look()
        return await waiting

    def _check(self, request: Any, protocols: dict[str, bytes]) -> None:
        if not self.members:
            if not protocols or not request.protocol_type:
                raise errors.InconsistentGroupProtocolError
            return
        others = [m for m in self.members.values() if m.name != request.member_id]
        if request.protocol_type != self.kind or (
            others and not any(all(p in m.protocols for m in others) for p in protocols)
        ):
            raise errors.InconsistentGroupProtocolError

    def _found(
        self, request: Any, client: str, named: bool, protocols: dict[str, bytes]
    ) -> Member:
        instance, name = request.group_instance_id, request.member_id
        if name:
            if name in self.members:
                self._fence(self.members[name], instance)
                return self.members[name]
            if self._expected.pop(name, None) is None:
                raise errors.UnknownMemberIdError
        else:
            name = new_name(instance or client or "client")
            if named and instance is None:
                self._expected[name] = time.monotonic() + 60
                raise errors.MemberIdRequiredError(name)
        if instance is not None:
            for old in [m for m in self.members.values() if m.instance == instance]:
                self._drop(old, errors.FencedInstanceIdError())
        member = Member(name, client, instance, 0, 0, protocols)
        self.members[name] = member
        if not self.leader:
            self.leader = name
        return member

    def _fence(self, member: Member, instance: str | None) -> None:
        if instance is not None and member.instance != instance:
            raise errors.FencedInstanceIdError

    def _drop(self, member: Member, error: Exception) -> None:
        member.fail(error)
        self.members.pop(member.name, None)
        if self.leader == member.name:
            self.leader = next(iter(self.members), "")

    def _rebalance(self) -> None:
        """Have every member join again."""
        if self.state == PREPARING:
            return
        first = self.state == EMPTY
        self.state = PREPARING
        for member in self.members.values():
            if member.syncing is not None:
                member.fail(errors.RebalanceInProgressError())
        patience = max((m.patience for m in self.members.values()), default=0.0)
        now = time.monotonic()
        self._from = now + (_FIRST if first else 0.0)
        self._until = now + max(patience, _FIRST)

    def look(self) -> None:
        """Give up who is silent, and complete what is ready."""
        now = time.monotonic()
        for name in [n for n, until in self._expected.items() if until < now]:
            del self._expected[name]
        silent = [
            m for m in self.members.values() if m.deadline < now and not m.waiting
        ]
        for member in silent:
            self._remove(member)
        if self.state != PREPARING or now < self._from:
            return
        missing = [m for m in self.members.values() if m.joining is None]
        if missing and now < self._until:
            return
        for member in missing:
            self._drop(member, errors.UnknownMemberIdError())
        self._complete()

    def _remove(self, member: Member) -> None:
        self._drop(member, errors.UnknownMemberIdError())
        if self.members:
            self._rebalance()
        else:
            self.state, self.protocol, self.generation = EMPTY, "", self.generation + 1

    def _complete(self) -> None:
        self.generation += 1
        if not self.members:
            self.state = EMPTY
            return
        self.state = COMPLETING
        every = list(self.members.values())
        shared = [p for p in every[0].protocols if all(p in m.protocols for m in every)]
        votes = [next(p for p in m.protocols if p in shared) for m in every]
        self.protocol = max(shared, key=votes.count)
        if self.leader not in self.members:
            self.leader = every[0].name
        for member in every:
            future, member.joining, member.assignment = member.joining, None, b""
            member.heard()
            if future is not None and not future.done():
                future.set_result(self._answer(member))

    def _answer(self, member: Member) -> Joined:
        leads = member.name == self.leader
        members = list(self.members.values()) if leads else []
        return Joined(self.generation, self.protocol, self.leader, member.name, members)

    def member(self, name: str, generation: int, instance: str | None) -> Member:
        """Return a member that speaks for a generation, and take note of it.

        Raises:
            BrokerResponseError: It is not one, or it is late.
        """
        if name not in self.members:
            raise errors.UnknownMemberIdError
        member = self.members[name]
        self._fence(member, instance)
        if generation != self.generation:
            raise errors.IllegalGenerationError
        member.heard()
        return member

    async def sync(self, request: Any) -> bytes:
        """Hand out the leader's assignments, and return that of a member.

        Raises:
            BrokerResponseError: The group changes again.
        """
        member = self.member(
            request.member_id, request.generation_id, request.group_instance_id
        )
        if self.state == PREPARING:
            raise errors.RebalanceInProgressError
        if self.state == STABLE:
            return member.assignment
        if member.name == self.leader:
            given = {one.member_id: one.assignment for one in request.assignments}
            self.state = STABLE
            for other in self.members.values():
                other.assignment = bytes(given.get(other.name, b""))
                future, other.syncing = other.syncing, None
                if future is not None and not future.done():
                    other.heard()
                    future.set_result(other.assignment)
            return member.assignment
        member.syncing = asyncio.get_running_loop().create_future()
        return await member.syncing

    def beat(self, name: str, generation: int, instance: str | None) -> None:
        """Take note that a member is alive.

        Raises:
            BrokerResponseError: It has to join again.
        """
        self.member(name, generation, instance)
        if self.state == PREPARING:
            raise errors.RebalanceInProgressError

    def leave(self, name: str, instance: str | None) -> None:
        """Let a member go.

        Raises:
            BrokerResponseError: It is not one.
        """
        for member in self.members.values():
            if member.name == name or (instance and member.instance == instance):
                self._remove(member)
                self.look()
                return
        if self._expected.pop(name, None) is None:
            raise errors.UnknownMemberIdError
