"""Amazon SageMaker: the families of operations that act.

A family is a file. Its handlers take the engine and the checked input of one
operation, and return the members of the output.
"""

from collections.abc import Callable
from typing import Any

from localaws.errors import NotImplementedHere
from localaws.fidelity import check_members, check_values, fidelity, refuse
from localaws.sagemaker import (
    cards,
    components,
    endpoint_configs,
    features,
    hosting,
    lineage,
    lineage_records,
    models,
    package_groups,
    pipeline_executions,
    pipelines,
    processing,
    registry,
    tags,
    training,
    transform,
    tuning,
)
from localaws.sagemaker.engine import Engine
from localaws.store import operation
from localaws.validate import validate

Handler = Callable[[Engine, dict[str, Any]], dict[str, Any]]
HANDLERS: dict[str, Handler] = {
    **training.HANDLERS,
    **processing.HANDLERS,
    **models.HANDLERS,
    **endpoint_configs.HANDLERS,
    **hosting.HANDLERS,
    **components.HANDLERS,
    **package_groups.HANDLERS,
    **registry.HANDLERS,
    **cards.HANDLERS,
    **lineage.HANDLERS,
    **features.HANDLERS,
    **transform.HANDLERS,
    **tuning.HANDLERS,
    **pipelines.HANDLERS,
    **pipeline_executions.HANDLERS,
    **tags.HANDLERS,
}


def call(engine: Engine, name: str, request: dict[str, Any]) -> dict[str, Any]:
    """Answer one operation of the SageMaker control plane.

    Args:
        engine: What the handlers act with.
        name: Such as `CreateTrainingJob`.
        request: The input, in JSON's types.

    Returns:
        The output, with times as `datetime`.

    Raises:
        AwsError: The input is wrong, or nothing acts here.
    """
    model = operation(name)
    if fidelity("sagemaker", name).level == "refused":
        raise refuse("sagemaker", name, model.documentation)
    given = {key: value for key, value in request.items() if value is not None}
    check_members("sagemaker", model, given)
    validate(model.input_shape, given)
    check_values("sagemaker", model, given)
    handler = HANDLERS.get(name)
    if handler is None:
        raise NotImplementedHere(f"sagemaker:{name}", "acts")
    if name.startswith("Delete"):
        lineage_records.catch_up(engine)
    return handler(engine, given)
