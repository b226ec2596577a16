"""What the members of a consumer group say, and the offsets that they commit."""

from typing import Any

from kafka import errors
from kafka.protocol.consumer import (
    HeartbeatResponse,
    JoinGroupResponse,
    LeaveGroupResponse,
    OffsetCommitResponse,
    OffsetFetchResponse,
    SyncGroupResponse,
)

from localaws.kafka.cluster import Call, code
from localaws.kafka.group import COMPLETING, Group

_NAMED = 4
# group.min.session.timeout.ms and group.max.session.timeout.ms
_LEAST, _MOST = 6_000, 1_800_000


def _group(call: Call, name: str, make: bool = False) -> Group:
    if call.cluster.coordinator(name) != call.broker:
        raise errors.NotCoordinatorError
    return call.cluster.groups.group(name, make)


async def join(call: Call) -> JoinGroupResponse:
    """Answer JoinGroup."""
    request = call.request
    try:
        if not _LEAST <= request.session_timeout_ms <= _MOST:
            raise errors.InvalidSessionTimeoutError
        group = _group(call, request.group_id, make=True)
        joined = await group.join(request, call.client, call.version >= _NAMED)
    except errors.BrokerResponseError as error:
        named = isinstance(error, errors.MemberIdRequiredError)
        return JoinGroupResponse(
            error_code=code(error),
            generation_id=-1,
            protocol_name="",
            leader="",
            member_id=error.args[0] if named else request.member_id,
            members=[],
        )
    return JoinGroupResponse(
        error_code=0,
        generation_id=joined.generation,
        protocol_type=group.kind,
        protocol_name=joined.protocol,
        leader=joined.leader,
        member_id=joined.member,
        members=[
            JoinGroupResponse.JoinGroupResponseMember(
                member_id=member.name,
                group_instance_id=member.instance,
                metadata=member.protocols[joined.protocol],
            )
            for member in joined.members
        ],
    )


async def sync(call: Call) -> SyncGroupResponse:
    """Answer SyncGroup."""
    try:
        group = _group(call, call.request.group_id)
        assignment = await group.sync(call.request)
    except errors.BrokerResponseError as error:
        return SyncGroupResponse(error_code=_lost(error), assignment=b"")
    return SyncGroupResponse(
        error_code=0,
        protocol_type=group.kind,
        protocol_name=group.protocol,
        assignment=assignment,
    )


def _lost(error: Exception) -> int:
    """Return the code of an error; a group that is not known has no such member."""
    if isinstance(error, errors.GroupIdNotFoundError):
        return errors.UnknownMemberIdError.errno
    return code(error)


async def heartbeat(call: Call) -> HeartbeatResponse:
    """Answer Heartbeat."""
    request = call.request
    try:
        group = _group(call, request.group_id)
        group.beat(request.member_id, request.generation_id, request.group_instance_id)
    except errors.BrokerResponseError as error:
        return HeartbeatResponse(error_code=_lost(error))
    return HeartbeatResponse(error_code=0)


async def leave(call: Call) -> LeaveGroupResponse:
    """Answer LeaveGroup."""
    request = call.request
    if call.version < 3:
        return LeaveGroupResponse(error_code=_left(call, request.member_id, None))
    return LeaveGroupResponse(
        error_code=0,
        members=[
            LeaveGroupResponse.MemberResponse(
                member_id=one.member_id,
                group_instance_id=one.group_instance_id,
                error_code=_left(call, one.member_id, one.group_instance_id),
            )
            for one in request.members
        ],
    )


def _left(call: Call, member: str, instance: str | None) -> int:
    try:
        _group(call, call.request.group_id).leave(member, instance)
    except errors.BrokerResponseError as error:
        return _lost(error)
    return 0


async def commit(call: Call) -> OffsetCommitResponse:
    """Answer OffsetCommit, of a member or of a consumer without a group's help."""
    request = call.request
    failed = 0
    try:
        group = _group(call, request.group_id, make=True)
        if request.generation_id_or_member_epoch >= 0:
            group.member(
                request.member_id,
                request.generation_id_or_member_epoch,
                request.group_instance_id,
            )
            if group.state == COMPLETING:
                raise errors.RebalanceInProgressError
        elif group.subscribes():
            raise errors.UnknownMemberIdError
    except errors.BrokerResponseError as error:
        failed = code(error)
    answered, kept = [], {}
    for topic in request.topics:
        rows = []
        for one in topic.partitions:
            wrong = failed or _unknown(call, topic.name, one.partition_index)
            if not wrong:
                kept[topic.name, one.partition_index] = (
                    one.committed_offset,
                    one.committed_leader_epoch,
                    one.committed_metadata or "",
                )
            answer = OffsetCommitResponse.OffsetCommitResponseTopic
            rows.append(
                answer.OffsetCommitResponsePartition(
                    partition_index=one.partition_index, error_code=wrong
                )
            )
        answered.append(
            OffsetCommitResponse.OffsetCommitResponseTopic(
                name=topic.name, partitions=rows
            )
        )
    if kept:
        call.cluster.groups.commit(request.group_id, kept)
    return OffsetCommitResponse(topics=answered)


def _unknown(call: Call, name: str, number: int) -> int:
    try:
        topic = call.cluster.topics.topic(name)
    except errors.BrokerResponseError as error:
        return code(error)
    known = 0 <= number < len(topic.partitions)
    return 0 if known else errors.UnknownTopicOrPartitionError.errno


async def committed(call: Call) -> OffsetFetchResponse:
    """Answer OffsetFetch."""
    if call.version >= 8:
        answer = OffsetFetchResponse.OffsetFetchResponseGroup
        return OffsetFetchResponse(
            groups=[
                answer(
                    group_id=group.group_id,
                    **_offsets(
                        call,
                        group.group_id,
                        group.topics,
                        answer.OffsetFetchResponseTopics,
                        "OffsetFetchResponsePartitions",
                    ),
                )
                for group in call.request.groups
            ]
        )
    return OffsetFetchResponse(
        **_offsets(
            call,
            call.request.group_id,
            call.request.topics,
            OffsetFetchResponse.OffsetFetchResponseTopic,
            "OffsetFetchResponsePartition",
        )
    )


def _offsets(
    call: Call, group: str, wanted: Any, answer: Any, below: str
) -> dict[str, Any]:
    if call.cluster.coordinator(group) != call.broker:
        return {"error_code": errors.NotCoordinatorError.errno, "topics": []}
    held = call.cluster.groups.committed(group)
    if wanted is None:
        places: dict[str, list[int]] = {}
        for topic, number in held:
            places.setdefault(topic, []).append(number)
    else:
        places = {topic.name: topic.partition_indexes for topic in wanted}
    topics = []
    for name, numbers in places.items():
        rows = []
        for number in numbers:
            offset, epoch, metadata = held.get((name, number), (-1, -1, ""))
            rows.append(
                getattr(answer, below)(
                    partition_index=number,
                    committed_offset=offset,
                    committed_leader_epoch=epoch,
                    metadata=metadata,
                    error_code=0,
                )
            )
        topics.append(answer(name=name, partitions=rows))
    return {"error_code": 0, "topics": topics}
