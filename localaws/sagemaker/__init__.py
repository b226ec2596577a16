"""Amazon SageMaker: the families of operations that act.

A family is a file. Its handlers take the engine and the checked input of one
operation, and return the members of the output.
"""

from collections.abc import Callable
from typing import Any

from localaws.errors import NotImplementedHere
from localaws.fidelity import check_members, check_values, fidelity, refuse
from localaws.sagemaker import (
    accepted,
    cards,
    components,
    endpoint_configs,
    experiments,
    features,
    hosting,
    idempotency,
    labeling,
    lineage,
    lineage_graph,
    lineage_records,
    lineage_store,
    models,
    offline_store,
    online_store,
    package_groups,
    pipeline_executions,
    pipelines,
    processing,
    registry,
    rehosting,
    restart,
    runtime,
    search,
    tags,
    training,
    transform,
    tuning,
    workforces,
    workteams,
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
    **experiments.HANDLERS,
    **search.HANDLERS,
    **features.HANDLERS,
    **transform.HANDLERS,
    **tuning.HANDLERS,
    **pipelines.HANDLERS,
    **pipeline_executions.HANDLERS,
    **labeling.HANDLERS,
    **workforces.HANDLERS,
    **workteams.HANDLERS,
    **tags.HANDLERS,
}
# What takes up the journal's records again, and what ran when the endpoint was killed.
RESTORERS: dict[str, Callable[[Engine, dict[str, Any], bytes], None]] = {
    **idempotency.RESTORERS,
    **online_store.RESTORERS,
    **offline_store.RESTORERS,
    **lineage_graph.RESTORERS,
    **lineage_store.RESTORERS,
    **accepted.RESTORERS,
}
RESUMERS: list[Callable[[Engine], None]] = [
    *restart.RESUMERS,
    *rehosting.RESUMERS,
    runtime.resume,
    features.resume,
    cards.resume,
    *labeling.RESUMERS,
]


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
