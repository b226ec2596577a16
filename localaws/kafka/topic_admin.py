"""Topics made, changed and deleted by an admin client."""

from collections.abc import Callable
from typing import Any

from kafka import errors
from kafka.protocol.admin import (
    CreatePartitionsResponse,
    CreateTopicsResponse,
    DeleteTopicsResponse,
    DescribeConfigsResponse,
    IncrementalAlterConfigsResponse,
)

from localaws.kafka.cluster import Call, code, text

_TOPIC, _BROKER = 2, 4
_SET, _DELETE = 0, 1
_OF_TOPIC, _OF_BROKER, _DEFAULT = 1, 4, 5


def _outcome(act: Callable[[], Any]) -> dict[str, Any]:
    """Do something, and return its error as members of an answer."""
    try:
        act()
    except errors.BrokerResponseError as error:
        return {"error_code": code(error), "error_message": text(error)}
    return {"error_code": 0, "error_message": None}


async def create(call: Call) -> CreateTopicsResponse:
    """Answer CreateTopics."""
    return CreateTopicsResponse(topics=[_create(call, t) for t in call.request.topics])


def _create(call: Call, wanted: Any) -> Any:
    answer = CreateTopicsResponse.CreatableTopicResult
    topics, configs = call.cluster.topics, {c.name: c.value for c in wanted.configs}
    try:
        if wanted.assignments:
            raise errors.InvalidReplicationAssignmentError(
                "replicas are placed by the cluster here"
            )
        topic = topics.create(
            wanted.name,
            wanted.num_partitions,
            wanted.replication_factor,
            configs,
            call.request.validate_only,
        )
    except errors.BrokerResponseError as error:
        failed = {"error_code": code(error), "error_message": text(error)}
        return answer(name=wanted.name, **failed, configs=None)
    return answer(
        name=wanted.name,
        topic_id=topic.identity,
        error_code=0,
        error_message=None,
        num_partitions=len(topic.partitions),
        replication_factor=topic.replication,
        configs=[
            CreateTopicsResponse.CreatableTopicResult.CreatableTopicConfigs(
                name=name,
                value=topics.config(topic, name),
                read_only=False,
                config_source=_OF_TOPIC if name in topic.configs else _DEFAULT,
                is_sensitive=False,
            )
            for name in topics.defaults
        ],
    )


async def delete(call: Call) -> DeleteTopicsResponse:
    """Answer DeleteTopics."""
    if call.version >= 6:
        wanted = [(one.name, one.topic_id) for one in call.request.topics]
    else:
        wanted = [(name, None) for name in call.request.topic_names]
    responses = []
    for name, identity in wanted:
        outcome = _outcome(lambda n=name, i=identity: _delete(call, n, i))
        responses.append(
            DeleteTopicsResponse.DeletableTopicResult(
                name=name, **({"topic_id": identity} if identity else {}), **outcome
            )
        )
    return DeleteTopicsResponse(responses=responses)


def _delete(call: Call, name: str | None, identity: Any) -> None:
    topic = call.cluster.topics.topic(name, identity)
    call.cluster.topics.delete(topic)
    call.cluster.groups.forget_topic(topic.name)
    call.cluster.grew()


async def create_partitions(call: Call) -> CreatePartitionsResponse:
    """Answer CreatePartitions."""
    topics, only_check = call.cluster.topics, call.request.validate_only
    return CreatePartitionsResponse(
        results=[
            CreatePartitionsResponse.CreatePartitionsTopicResult(
                name=one.name,
                **_outcome(
                    lambda one=one: topics.grow(one.name, one.count, only_check)
                ),
            )
            for one in call.request.topics
        ]
    )


async def describe_configs(call: Call) -> DescribeConfigsResponse:
    """Answer DescribeConfigs, of topics and brokers."""
    results = []
    for wanted in call.request.resources:
        found: list[Any] = []
        outcome = _outcome(lambda w=wanted, f=found: f.extend(_configs(call, w)))
        results.append(
            DescribeConfigsResponse.DescribeConfigsResult(
                **outcome,
                resource_type=wanted.resource_type,
                resource_name=wanted.resource_name,
                configs=found,
            )
        )
    return DescribeConfigsResponse(results=results)


def _configs(call: Call, wanted: Any) -> list[Any]:
    topics = call.cluster.topics
    if wanted.resource_type == _BROKER:
        rows = [
            (name, value, _OF_BROKER) for name, value in call.cluster.configs.items()
        ]
    elif wanted.resource_type == _TOPIC:
        topic = topics.topic(wanted.resource_name)
        rows = [
            (
                name,
                topics.config(topic, name),
                _OF_TOPIC if name in topic.configs else _DEFAULT,
            )
            for name in topics.defaults
        ]
    else:
        raise errors.InvalidRequestError("only topics and brokers have configurations")
    keys = wanted.configuration_keys
    return [
        DescribeConfigsResponse.DescribeConfigsResult.DescribeConfigsResourceResult(
            name=name,
            value=value,
            read_only=wanted.resource_type == _BROKER,
            config_source=source,
            is_sensitive=False,
            synonyms=[],
            documentation=None,
        )
        for name, value, source in rows
        if not keys or name in keys
    ]


async def alter_configs(call: Call) -> IncrementalAlterConfigsResponse:
    """Answer IncrementalAlterConfigs, of topics."""
    return IncrementalAlterConfigsResponse(
        responses=[
            IncrementalAlterConfigsResponse.AlterConfigsResourceResponse(
                **_outcome(lambda one=one: _alter(call, one)),
                resource_type=one.resource_type,
                resource_name=one.resource_name,
            )
            for one in call.request.resources
        ]
    )


def _alter(call: Call, wanted: Any) -> None:
    if wanted.resource_type != _TOPIC:
        raise errors.InvalidRequestError("only topics can be configured here")
    if any(one.config_operation not in (_SET, _DELETE) for one in wanted.configs):
        raise errors.InvalidRequestError("no configuration here is a list")
    changes = {
        one.name: one.value if one.config_operation == _SET else None
        for one in wanted.configs
    }
    if not call.request.validate_only:
        call.cluster.topics.configure(wanted.resource_name, changes)
