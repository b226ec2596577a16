"""UpdateEndpoint's deployments: traffic that moves to a new fleet, and back."""

import datetime as dt
import logging
import threading
from typing import TYPE_CHECKING, Any

from localaws.errors import AwsError
from localaws.jobs import JobError
from localaws.sagemaker.deployment_policies import check_alarms, stages
from localaws.sagemaker.engine import Engine
from localaws.sagemaker.transfer import TransferError
from localaws.sagemaker.variants import Fleet, VariantFailed

if TYPE_CHECKING:
    from localaws.sagemaker.deployment import Deployment

CREATING = 180
_POLL = 30
_INTERVAL = 0.1
Members = dict[str, Any]
_log = logging.getLogger(__name__)


class _RolledBack(Exception):
    """The update is given up; the text is the reason."""


class _Closed(Exception):
    """The endpoint ends while it is updated."""


class Rollout:
    """One update of one endpoint.

    Args:
        engine: What it acts with.
        document: The endpoint.
        deployment: What runs for it.
        green: The new fleet.
        policy: A `DeploymentConfig`; without one the default moves all traffic at once.

    Raises:
        ValidationError: The policy is wrong, or names an alarm that is not there.
    """

    def __init__(
        self,
        engine: Engine,
        document: Members,
        deployment: "Deployment",
        green: Fleet,
        policy: Members | None,
    ) -> None:
        self._engine = engine
        self._document = document
        self._deployment = deployment
        self.green = green
        self._policy = policy
        instances = sum(variant.instances for variant in green.variants)
        self._stages, self._end = stages(policy or {}, instances)
        self._alarms = check_alarms(engine, policy or {})
        self._since = engine.clock.now()
        self._until: dt.datetime | None = None
        self._lock = threading.Lock()

    def run(self) -> None:
        """Move the traffic, or give up and leave the old fleet serving."""
        members: Members = {}
        ready = None
        try:
            self.green.start()
            ready = self._engine.clock.elapse(self._since, CREATING)
            self._check()
            self._shift()
            members = self._finish(ready)
        except _Closed:
            return
        except (_RolledBack, VariantFailed, TransferError, AwsError, JobError) as error:
            members["FailureReason"] = str(error)[:1024]
            self._withdraw(ready)
        except Exception as error:
            _log.exception("endpoint %s", self._document["EndpointName"])
            members["FailureReason"] = f"{type(error).__name__}: {error}"[:1024]
            self._withdraw(ready)
        if self._deployment.closed.is_set():
            return
        self._deployment.rollout = None
        self._engine.store.change(
            self._document,
            EndpointStatus="InService",
            PendingDeploymentSummary=None,
            **{"FailureReason": None, **members},
        )

    def _shift(self) -> None:
        traffic = self._deployment.traffic
        for share, wait in self._stages:
            self.show("ActivatingTraffic", f"{share:.0%} of the traffic")
            traffic.share, traffic.green = share, self.green
            self.show("Baking", f"{share:.0%} of the traffic")
            self._bake(wait)
        self._bake(self._end)

    def _bake(self, seconds: int) -> None:
        clock = self._engine.clock
        end = clock.now() + dt.timedelta(seconds=seconds)
        with self._lock:
            self._until = end
        try:
            while clock.now() < end:
                self._check()
                if self._deployment.closed.wait(_INTERVAL):
                    raise _Closed
        finally:
            with self._lock:
                self._until = None
        self._check()

    def _check(self) -> None:
        """Raise if an alarm has gone off."""
        if self._deployment.closed.is_set():
            raise _Closed
        if not self._alarms:
            return
        self._deployment.observer.flush()
        found = self._engine.aws.client("cloudwatch").describe_alarms(
            AlarmNames=self._alarms
        )["MetricAlarms"]
        gone_off = [a["AlarmName"] for a in found if a["StateValue"] == "ALARM"]
        if gone_off:
            names = ", ".join(sorted(gone_off))
            raise _RolledBack(
                "One or more CloudWatch alarms configured on the deployment went into "
                f"ALARM state: {names}. The traffic is back on the previous fleet."
            )

    def polled(self) -> None:
        """Let a Describe take the time of a waiter's poll, if the clock stands.

        On a standing clock nothing else would end the wait of who polls.
        """
        clock = self._engine.clock
        with self._lock:
            if clock.standing and self._until is not None:
                left = (self._until - clock.now()).total_seconds()
                clock.advance(min(max(left, 0), _POLL))

    def _finish(self, ready: dt.datetime) -> Members:
        from localaws.sagemaker.hosting import charge

        deployment, document, green = self._deployment, self._document, self.green
        blue = deployment.traffic.fleet
        with self._engine.store.lock:
            charge(self._engine, document)
            deployment.traffic.fleet = green
            deployment.traffic.green = None
            self._charge(ready)
            deployment.capture(green.config)
        blue.close()
        return {
            **deployed(deployment),
            "EndpointConfigName": green.config["EndpointConfigName"],
            "_config": dict(green.config),
            "LastDeploymentConfig": self._policy,
        }

    def _withdraw(self, ready: dt.datetime | None) -> None:
        traffic = self._deployment.traffic
        traffic.share, traffic.green = 0.0, None
        self.green.close()
        if ready is not None:
            self._charge(ready)

    def _charge(self, ready: dt.datetime) -> None:
        """Bill the new fleet for the time beside the old one."""
        seconds = (self._engine.clock.now() - ready).total_seconds()
        for variant in [*self.green.variants, *self.green.shadows]:
            if variant.instances:
                self._engine.meter.add(
                    "endpoint",
                    seconds * variant.instances,
                    instance=variant.summary["InstanceType"],
                    resource=self._document["EndpointName"],
                )

    def show(self, status: str, message: str = "") -> None:
        """Let DescribeEndpoint show how far the new fleet is.

        Args:
            status: As a VariantStatus.
            message: As its StatusMessage.
        """
        state = {"Status": status, "StartTime": self._engine.clock.now()}
        if message:
            state["StatusMessage"] = message
        summary = {
            "EndpointConfigName": self.green.config["EndpointConfigName"],
            "StartTime": self._since,
            "ProductionVariants": [
                {**variant.summary, "VariantStatus": [state]}
                for variant in self.green.variants
            ],
        }
        if self.green.shadows:
            summary["ShadowProductionVariants"] = [
                {**variant.summary, "VariantStatus": [state]}
                for variant in self.green.shadows
            ]
        self._engine.store.change(self._document, PendingDeploymentSummary=summary)


def deployed(deployment: "Deployment") -> Members:
    """Return what DescribeEndpoint shows of what runs."""
    fleet, capture = deployment.traffic.fleet, deployment.observer.capture
    return {
        "ProductionVariants": [variant.summary for variant in fleet.variants],
        "ShadowProductionVariants": [v.summary for v in fleet.shadows] or None,
        "DataCaptureConfig": capture.summary() if capture else None,
    }
