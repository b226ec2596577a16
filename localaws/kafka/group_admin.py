"""Consumer groups seen, and deleted, by an admin client."""

from typing import Any

from kafka import errors
from kafka.protocol.admin import (
    DeleteGroupsResponse,
    DescribeGroupsResponse,
    ListGroupsResponse,
)

from localaws.kafka import HOST
from localaws.kafka.cluster import Call, code
from localaws.kafka.group import STABLE, Group


def _here(call: Call, name: str) -> Group:
    if call.cluster.coordinator(name) != call.broker:
        raise errors.NotCoordinatorError
    return call.cluster.groups.group(name)


async def list_groups(call: Call) -> ListGroupsResponse:
    """Answer ListGroups: those that this broker looks after."""
    states = call.request.states_filter if call.version >= 4 else []
    return ListGroupsResponse(
        error_code=0,
        groups=[
            ListGroupsResponse.ListedGroup(
                group_id=group.name, protocol_type=group.kind, group_state=group.state
            )
            for group in call.cluster.groups.all()
            if call.cluster.coordinator(group.name) == call.broker
            and (not states or group.state in states)
        ],
    )


async def describe(call: Call) -> DescribeGroupsResponse:
    """Answer DescribeGroups."""
    return DescribeGroupsResponse(
        groups=[_describe(call, n) for n in call.request.groups]
    )


def _describe(call: Call, name: str) -> Any:
    answer = DescribeGroupsResponse.DescribedGroup
    empty: dict[str, Any] = {"protocol_type": "", "protocol_data": "", "members": []}
    try:
        group = _here(call, name)
    except errors.GroupIdNotFoundError:
        return answer(error_code=0, group_id=name, group_state="Dead", **empty)
    except errors.BrokerResponseError as error:
        return answer(error_code=code(error), group_id=name, group_state="", **empty)
    stable = group.state == STABLE
    return answer(
        error_code=0,
        group_id=name,
        group_state=group.state,
        protocol_type=group.kind,
        protocol_data=group.protocol if stable else "",
        members=[
            DescribeGroupsResponse.DescribedGroup.DescribedGroupMember(
                member_id=member.name,
                group_instance_id=member.instance,
                client_id=member.client,
                client_host=f"/{HOST}",
                member_metadata=member.protocols[group.protocol] if stable else b"",
                member_assignment=member.assignment if stable else b"",
            )
            for member in group.members.values()
        ],
    )


async def delete(call: Call) -> DeleteGroupsResponse:
    """Answer DeleteGroups."""
    results = []
    for name in call.request.groups_names:
        failed = 0
        try:
            _here(call, name)
            call.cluster.groups.forget(name)
        except errors.BrokerResponseError as error:
            failed = code(error)
        results.append(
            DeleteGroupsResponse.DeletableGroupResult(group_id=name, error_code=failed)
        )
    return DeleteGroupsResponse(results=results)
