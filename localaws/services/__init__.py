"""What neighbour services must do beyond moto, one file for each service.

A handler answers an operation instead of moto. A preparer acts before an operation of
the learner, a follower once moto has answered. A check refuses inputs. A latency is
what a request takes on a standing clock, in seconds; else a change takes one. A
ticker does what is due as time goes by. A restorer takes up records of the journal
again, a resumer what ran when the endpoint was killed. A listener hears what moto
delivers. A charger bills what costs by the hour.
"""

from collections.abc import Callable
from typing import Any

from localaws.labelling import crowd
from localaws.services import (
    alarms,
    athena,
    beginnings,
    comprehend,
    databrew,
    datasync,
    dynamodb_exports,
    dynamodb_ttl,
    dynamodb_units,
    ebs,
    efs,
    emr,
    emrserverless,
    event_schedules,
    events,
    file_systems,
    firehose,
    firehose_source,
    firehose_streams,
    fsx,
    glue,
    glue_quality,
    iam,
    kafka,
    kinesis,
    kinesis_fanout,
    kinesis_records,
    kinesis_scaling,
    kinesis_streams,
    kinesisanalyticsv2,
    kms,
    lakeformation,
    lambda_,
    macie2,
    metric_tally,
    metrics,
    mturk,
    rds,
    records,
    rentals,
    s3,
    s3_acceleration,
    s3_encryption,
    s3_lifecycle,
    s3_metrics,
    s3_notifications,
    s3_restore,
    s3_storage,
    s3_uploads,
    sns,
    sqs,
    ssm,
)
from localaws.services.access import buckets, s3_deletions, sessions
from localaws.services.context import Context
from localaws.services.json_operations import Handler
from localaws.services.tickers import Ticker

_ANSWERS: dict[tuple[str, str], Handler] = {
    **athena.HANDLERS,
    **buckets.HANDLERS,
    **comprehend.HANDLERS,
    **databrew.HANDLERS,
    **datasync.HANDLERS,
    **ebs.HANDLERS,
    **efs.HANDLERS,
    **emr.HANDLERS,
    **emrserverless.HANDLERS,
    **fsx.HANDLERS,
    **glue.HANDLERS,
    **glue_quality.HANDLERS,
    **rds.HANDLERS,
    **dynamodb_exports.HANDLERS,
    **dynamodb_units.HANDLERS,
    **firehose.HANDLERS,
    **iam.HANDLERS,
    **kafka.HANDLERS,
    **kinesis.HANDLERS,
    **kinesis_fanout.HANDLERS,
    **kinesis_records.HANDLERS,
    **kinesisanalyticsv2.HANDLERS,
    **kms.HANDLERS,
    **lakeformation.HANDLERS,
    **lambda_.HANDLERS,
    **macie2.HANDLERS,
    **metrics.HANDLERS,
    **mturk.HANDLERS,
    **s3_acceleration.HANDLERS,
    **s3_encryption.HANDLERS,
    **s3_deletions.HANDLERS,
    **s3_lifecycle.HANDLERS,
    **s3_metrics.HANDLERS,
    **s3_notifications.HANDLERS,
    **s3_restore.HANDLERS,
    **s3_uploads.HANDLERS,
    **sessions.HANDLERS,
    **sns.HANDLERS,
    **sqs.HANDLERS,
    **ssm.HANDLERS,
}
_MEASURED = s3_metrics.measured(_ANSWERS)
HANDLERS = {**_ANSWERS, **s3_acceleration.distant(_MEASURED)}
HANDLERS |= lakeformation.governed(HANDLERS)
PREPARERS = {**metric_tally.before_reads(alarms.PREPARERS)}
FOLLOWERS = {
    **dynamodb_ttl.FOLLOWERS,
    **s3.FOLLOWERS,
    **alarms.FOLLOWERS,
}
TICKERS: list[Ticker] = [
    dynamodb_ttl.tick,
    firehose_source.tick,
    kinesis_scaling.tick,
    s3_storage.tick,
    s3_lifecycle.tick,
    s3_restore.tick,
    metric_tally.tick,
    *emr.TICKERS,
    *emrserverless.TICKERS,
    *databrew.TICKERS,
    *glue.TICKERS,
    *glue_quality.TICKERS,
    event_schedules.tick,
    *lambda_.TICKERS,
    *kafka.TICKERS,
    *macie2.TICKERS,
    *mturk.TICKERS,
    *kms.TICKERS,
]
LATENCY: dict[tuple[str, str], float] = {
    **firehose.LATENCY,
    **kinesis_records.LATENCY,
}
CHECKS = {
    **alarms.CHECKS,
    **event_schedules.CHECKS,
    **events.CHECKS,
    **sns.CHECKS,
}
RESTORERS: dict[str, Callable[[Context, dict[str, Any], bytes], None]] = {
    **alarms.RESTORERS,
    **crowd.RESTORERS,
    **dynamodb_exports.RESTORERS,
    **dynamodb_ttl.RESTORERS,
    **firehose_streams.RESTORERS,
    **kinesis_streams.RESTORERS,
    **records.RESTORERS,
    **s3_lifecycle.RESTORERS,
    **s3_metrics.RESTORERS,
    **s3_restore.RESTORERS,
    **lambda_.RESTORERS,
}
LISTENERS: list[Callable[[Context], None]] = [
    *lambda_.LISTENERS,
    events.listen,
    beginnings.listen,
]


def _resume_file_systems(context: Context) -> None:
    file_systems.resume(context, (efs.known, fsx.known))


CHARGERS: list[Callable[[Context], None]] = [
    rentals.charge_all,
    s3_storage.charge,
    macie2.charge,
]
RESUMERS: list[Callable[[Context], None]] = [
    datasync.resume,
    fsx.resume,
    ssm.resume,
    _resume_file_systems,
    *lambda_.RESUMERS,
    *athena.RESUMERS,
    *comprehend.RESUMERS,
    *emr.RESUMERS,
    *emrserverless.RESUMERS,
    *databrew.RESUMERS,
    *glue.RESUMERS,
    *glue_quality.RESUMERS,
    *rds.RESUMERS,
    *kafka.RESUMERS,
    *macie2.RESUMERS,
    *kinesisanalyticsv2.RESUMERS,
]
