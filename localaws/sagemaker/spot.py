"""Managed Spot training: checks, simulated interruptions, the modelled discount.

There is no Spot market here. A job is interrupted when its tag `TAG` asks for it.
"""

import threading
from collections.abc import Callable
from typing import Any

from localaws.errors import NotImplementedHere, ValidationError
from localaws.sagemaker.transfer import split

TAG = "localaws:spot-interruptions"
# Share of the on-demand price that a Spot instance is modelled to cost.
PRICE = 0.3
CHECKPOINTS = "/opt/ml/checkpoints"
_TAKEN = ("/opt/ml", "/opt/ml/code", "/opt/ml/input", "/opt/ml/model", "/opt/ml/output")


def check_spot(request: dict[str, Any]) -> None:
    """Raise `ValidationError` for limits that AWS does not accept."""
    condition = request["StoppingCondition"]
    wait = condition.get("MaxWaitTimeInSeconds")
    if request.get("EnableManagedSpotTraining"):
        if wait is None or wait < condition.get("MaxRuntimeInSeconds", 86_400):
            raise ValidationError(
                "Invalid MaxWaitTimeInSeconds. It must be present and be greater than "
                "or equal to MaxRuntimeInSeconds"
            )
    elif wait is not None:
        raise ValidationError(
            "Invalid MaxWaitTimeInSeconds. It is only supported when "
            "EnableManagedSpotTraining is set to true"
        )


def check_checkpoints(request: dict[str, Any]) -> None:
    """Raise `AwsError` if checkpoints cannot be kept where the job wants them."""
    config = request.get("CheckpointConfig")
    if config is None:
        return
    split(config["S3Uri"])
    path = config.get("LocalPath", CHECKPOINTS).rstrip("/")
    taken = any(path == one or path.startswith(f"{one}/") for one in _TAKEN[1:])
    if taken or path in _TAKEN:
        raise ValidationError(
            f"CheckpointConfig.LocalPath {path!r} is a folder that SageMaker uses."
        )
    if not path.startswith("/opt/ml/"):
        raise NotImplementedHere(
            f"sagemaker:CreateTrainingJob CheckpointConfig.LocalPath={path!r} (here "
            "only below /opt/ml)",
            "takes any folder of the container",
        )


class Interruptions:
    """When a job is interrupted: seconds, or texts of a log line, joined by `+`.

    Args:
        text: The tag's value, such as `5` or `epoch 3 + epoch 5`; each entry
            interrupts one attempt, and an attempt without an entry runs to its end.
        interrupt: What an interruption does.
    """

    def __init__(self, text: str, interrupt: Callable[[], None]) -> None:
        self._waiting = [one.strip() for one in text.split("+") if one.strip()]
        self._interrupt = interrupt
        self._timer: threading.Timer | None = None
        self._text: str | None = None

    def __enter__(self) -> "Interruptions":
        """Begin to wait for the next one, as training begins."""
        following = self._waiting.pop(0) if self._waiting else None
        try:
            seconds = float(following or "")
        except ValueError:
            self._text = following
        else:
            self._timer = threading.Timer(seconds, self._interrupt)
            self._timer.daemon = True
            self._timer.start()
        return self

    def __exit__(self, *error: object) -> None:
        """Wait no longer: this attempt is over."""
        self._text = None
        if self._timer:
            self._timer.cancel()
            self._timer.join()
            self._timer = None

    def read(self, line: str) -> None:
        """Interrupt if a log line has the text that is waited for."""
        if self._text and self._text in line:
            self._text = None
            self._interrupt()
