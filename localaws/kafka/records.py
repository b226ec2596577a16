"""Records written, read, looked for and forgotten."""

import asyncio
import secrets
from collections.abc import Iterator
from typing import Any

from kafka import errors
from kafka.protocol.admin import DeleteRecordsResponse, DescribeLogDirsResponse
from kafka.protocol.consumer import FetchResponse, ListOffsetsResponse
from kafka.protocol.producer import InitProducerIdResponse, ProduceResponse

from localaws.kafka.cluster import Call, code, text
from localaws.kafka.partition import Partition

_LATEST, _EARLIEST, _BY_TIME = -1, -2, -3


async def produce(call: Call) -> ProduceResponse:
    """Answer Produce."""
    written = ProduceResponse.TopicProduceResponse
    return ProduceResponse(
        responses=[
            written(
                name=topic.name,
                partition_responses=[
                    _append(call, topic.name, one) for one in topic.partition_data
                ],
            )
            for topic in call.request.topic_data
        ]
    )


def _append(call: Call, name: str, given: Any) -> Any:
    answer = ProduceResponse.TopicProduceResponse.PartitionProduceResponse
    topics = call.cluster.topics
    try:
        topic, partition = topics.led(name, given.index, call.broker)
        if call.request.acks not in (-1, 0, 1):
            raise errors.InvalidRequiredAcksError
        least = int(topics.config(topic, "min.insync.replicas"))
        if call.request.acks == -1 and topic.replication < least:
            raise errors.NotEnoughReplicasError(f"min.insync.replicas is {least}")
        most = int(topics.config(topic, "max.message.bytes"))
        base = partition.append(bytes(given.records or b""), most)
        kept = int(topics.config(topic, "retention.bytes"))
        if kept >= 0:
            partition.shrink(kept)
    except errors.BrokerResponseError as error:
        return answer(
            index=given.index,
            error_code=code(error),
            base_offset=-1,
            record_errors=[],
            error_message=text(error),
        )
    except OSError:
        storage = errors.KafkaStorageError
        return answer(
            index=given.index,
            error_code=storage.errno,
            base_offset=-1,
            record_errors=[],
        )
    call.cluster.grew()
    return answer(
        index=given.index,
        error_code=0,
        base_offset=base,
        log_start_offset=partition.start,
        record_errors=[],
    )


async def init_producer_id(call: Call) -> InitProducerIdResponse:
    """Answer InitProducerId, for producers that write each record once."""
    if call.request.transactional_id is not None:
        refused = errors.TransactionalIdAuthorizationFailedError.errno
        return InitProducerIdResponse(
            error_code=refused, producer_id=-1, producer_epoch=-1
        )
    return InitProducerIdResponse(
        error_code=0, producer_id=secrets.randbits(62), producer_epoch=0
    )


async def fetch(call: Call) -> FetchResponse:
    """Answer Fetch, once there is enough or it has waited long enough."""
    loop = asyncio.get_running_loop()
    end = loop.time() + call.request.max_wait_ms / 1000
    while True:
        size, failed, answer = _read(call)
        rest = end - loop.time()
        if failed or size >= call.request.min_bytes or rest <= 0:
            return answer
        await call.cluster.growth(rest)


def _read(call: Call) -> tuple[int, bool, FetchResponse]:
    size, failed, responses = 0, False, []
    for wanted in call.request.topics:
        partitions = []
        for one in wanted.partitions:
            room = min(one.partition_max_bytes, call.request.max_bytes - size)
            found = _read_one(call, wanted.topic, one, room, size == 0)
            size += len(found.records or b"")
            failed = failed or found.error_code != 0
            partitions.append(found)
        responses.append(
            FetchResponse.FetchableTopicResponse(
                topic=wanted.topic, partitions=partitions
            )
        )
    answer = FetchResponse(error_code=0, session_id=0, responses=responses)
    return size, failed, answer


def _read_one(call: Call, name: str, wanted: Any, room: int, first: bool) -> Any:
    answer = FetchResponse.FetchableTopicResponse.PartitionData
    try:
        _, partition = call.cluster.topics.led(name, wanted.partition, call.broker)
        records = b""
        # the first batch is sent even if it is larger than what was asked for
        if first or room > 0:
            records = partition.read(wanted.fetch_offset, max(room, 0))
    except errors.BrokerResponseError as error:
        return answer(
            partition_index=wanted.partition,
            error_code=code(error),
            high_watermark=-1,
            aborted_transactions=None,
            records=b"",
        )
    return answer(
        partition_index=wanted.partition,
        error_code=0,
        high_watermark=partition.end,
        last_stable_offset=partition.end,
        log_start_offset=partition.start,
        aborted_transactions=None,
        records=records,
    )


async def list_offsets(call: Call) -> ListOffsetsResponse:
    """Answer ListOffsets: the ends, or by time."""
    return ListOffsetsResponse(
        topics=[
            ListOffsetsResponse.ListOffsetsTopicResponse(
                name=topic.name,
                partitions=[_offset(call, topic.name, one) for one in topic.partitions],
            )
            for topic in call.request.topics
        ]
    )


def _offset(call: Call, name: str, wanted: Any) -> Any:
    answer = ListOffsetsResponse.ListOffsetsTopicResponse.ListOffsetsPartitionResponse
    number = wanted.partition_index
    try:
        _, partition = call.cluster.topics.led(name, number, call.broker)
        offset, moment = _look(partition, wanted.timestamp)
    except errors.BrokerResponseError as error:
        return answer(partition_index=number, error_code=code(error))
    return answer(
        partition_index=number,
        error_code=0,
        timestamp=moment,
        offset=offset,
        leader_epoch=0,
    )


def _look(partition: Partition, moment: int) -> tuple[int, int]:
    if moment == _LATEST:
        return partition.end, -1
    if moment == _EARLIEST:
        return partition.start, -1
    return partition.latest() if moment == _BY_TIME else partition.at_time(moment)


async def delete_records(call: Call) -> DeleteRecordsResponse:
    """Answer DeleteRecords."""
    result = DeleteRecordsResponse.DeleteRecordsTopicResult
    return DeleteRecordsResponse(
        topics=[
            result(
                name=topic.name,
                partitions=[_cut(call, topic.name, one) for one in topic.partitions],
            )
            for topic in call.request.topics
        ]
    )


def _cut(call: Call, name: str, wanted: Any) -> Any:
    result = DeleteRecordsResponse.DeleteRecordsTopicResult.DeleteRecordsPartitionResult
    number = wanted.partition_index
    try:
        _, partition = call.cluster.topics.led(name, number, call.broker)
        partition.cut(wanted.offset)
    except errors.BrokerResponseError as error:
        return result(partition_index=number, low_watermark=-1, error_code=code(error))
    return result(partition_index=number, low_watermark=partition.start, error_code=0)


def _hosted(call: Call) -> Iterator[tuple[str, list[tuple[int, Partition]]]]:
    """Yield each topic with the partitions that a broker would keep."""
    wanted = call.request.topics
    named = None if wanted is None else {t.topic: t.partitions for t in wanted}
    for topic in call.cluster.topics.all():
        if named is None or topic.name in named:
            yield (
                topic.name,
                [
                    (number, partition)
                    for number, partition in enumerate(topic.partitions)
                    if call.broker in partition.replicas
                    and (named is None or number in named[topic.name])
                ],
            )


async def describe_log_dirs(call: Call) -> DescribeLogDirsResponse:
    """Answer DescribeLogDirs: the bytes of each partition."""
    result = DescribeLogDirsResponse.DescribeLogDirsResult
    row = result.DescribeLogDirsTopic.DescribeLogDirsPartition
    topics = [
        result.DescribeLogDirsTopic(
            name=name,
            partitions=[
                row(
                    partition_index=number,
                    partition_size=partition.size,
                    offset_lag=0,
                    is_future_key=False,
                )
                for number, partition in partitions
            ],
        )
        for name, partitions in _hosted(call)
        if partitions
    ]
    return DescribeLogDirsResponse(
        error_code=0, results=[result(error_code=0, log_dir="/kafka", topics=topics)]
    )
