"""The step that registers a model."""

import contextlib
from typing import Any

from localaws.sagemaker.pipeline_context import Context
from localaws.sagemaker.pipeline_definition import Step
from localaws.sagemaker.pipeline_steps import Made, StepFailed, call, create


def register(context: Context, step: Step, given: dict[str, Any]) -> Made:
    """Make the package, and before it its group, unless that is there."""
    group = given.get("ModelPackageGroupName", "")
    known = context.engine.store.documents("ModelPackageGroup")
    names = {one["ModelPackageGroupName"] for one in known}
    if group and not group.startswith("arn:") and group not in names:
        # a name that cannot be is told of by the package
        with contextlib.suppress(StepFailed):
            call(context, "CreateModelPackageGroup", {"ModelPackageGroupName": group})
    return create(context, step, given)
