"""Experiments, their trials, and the trial components of each trial."""

from typing import Any

from localaws.errors import NotFound, ValidationError
from localaws.sagemaker.engine import Engine
from localaws.sagemaker.generic import described, listed
from localaws.sagemaker.lineage import after_catch_up
from localaws.sagemaker.lineage_store import TRIALS, sourced
from localaws.store import Document, resource_type

Members = dict[str, Any]


def create_experiment(engine: Engine, request: Members) -> Members:
    """Store an experiment."""
    made = sourced(engine, "Experiment", request)
    return {"ExperimentArn": made["ExperimentArn"]}


def create_trial(engine: Engine, request: Members) -> Members:
    """Store a trial of an experiment that exists."""
    engine.store.find("Experiment", request["ExperimentName"])
    return {"TrialArn": sourced(engine, "Trial", request)["TrialArn"]}


def _updated(noun: str) -> Any:
    kind = resource_type(noun)

    def update(engine: Engine, request: Members) -> Members:
        """Change what an Update operation gives."""
        document = engine.store.find(noun, request[kind.key])
        change = {name: value for name, value in request.items() if name != kind.key}
        engine.store.change(document, **change, LastModifiedBy={})
        return {kind.arn: document[kind.arn]}

    return update


def delete_experiment(engine: Engine, request: Members) -> Members:
    """Delete an experiment that has no trials."""
    name = request["ExperimentName"]
    with engine.store.lock:
        arn = engine.store.find("Experiment", name)["ExperimentArn"]
        left = trials_of(engine, name)
        if left:
            raise ValidationError(
                f"Experiment '{name}' has {len(left)} trials; delete them first."
            )
        engine.store.delete("Experiment", name)
    return {"ExperimentArn": arn}


def delete_trial(engine: Engine, request: Members) -> Members:
    """Delete a trial that has no trial components."""
    name = request["TrialName"]
    with engine.store.lock:
        arn = engine.store.find("Trial", name)["TrialArn"]
        left = components_of(engine, [name])
        if left:
            raise ValidationError(
                f"Trial '{name}' has {len(left)} trial components; disassociate them "
                "first."
            )
        engine.store.delete("Trial", name)
    return {"TrialArn": arn}


def trials_of(engine: Engine, experiment: str) -> list[str]:
    """Return the names of an experiment's trials."""
    return [
        trial["TrialName"]
        for trial in engine.store.documents("Trial")
        if trial["ExperimentName"] == experiment
    ]


def components_of(engine: Engine, trials: list[str]) -> list[Document]:
    """Return the trial components of some trials."""
    return [
        component
        for component in engine.store.documents("TrialComponent")
        if set(component.get(TRIALS, ())) & set(trials)
    ]


def associate(engine: Engine, request: Members) -> Members:
    """Make a trial component part of a trial; once more changes nothing."""
    component, trial, arns = _both(engine, request)
    trials = component.get(TRIALS, [])
    if trial not in trials:
        engine.store.change(component, **{TRIALS: [*trials, trial]})
    return arns


def disassociate(engine: Engine, request: Members) -> Members:
    """Take a trial component out of a trial."""
    component, trial, arns = _both(engine, request)
    trials = component.get(TRIALS, [])
    if trial not in trials:
        raise NotFound(
            f"Trial component {arns['TrialComponentArn']} is not associated with "
            f"trial {arns['TrialArn']}."
        )
    left = [name for name in trials if name != trial]
    engine.store.change(component, **{TRIALS: left})
    return arns


def _both(engine: Engine, request: Members) -> tuple[Document, str, Members]:
    component = engine.store.find("TrialComponent", request["TrialComponentName"])
    trial = engine.store.find("Trial", request["TrialName"])
    arns = {
        "TrialComponentArn": component["TrialComponentArn"],
        "TrialArn": trial["TrialArn"],
    }
    return component, trial["TrialName"], arns


def list_trials(engine: Engine, request: Members) -> Members:
    """List trials, of an experiment or with a trial component."""
    wanted = None
    if "ExperimentName" in request:
        engine.store.find("Experiment", request["ExperimentName"])
        wanted = set(trials_of(engine, request["ExperimentName"]))
    if "TrialComponentName" in request:
        name = request["TrialComponentName"]
        component = engine.store.find("TrialComponent", name)
        held = set(component.get(TRIALS, ()))
        wanted = held if wanted is None else wanted & held
    return _listed(
        engine, "Trial", request, ("ExperimentName", "TrialComponentName"), wanted
    )


def list_trial_components(engine: Engine, request: Members) -> Members:
    """List trial components, of an experiment, a trial or a source."""
    filters = ("ExperimentName", "TrialName", "SourceArn")
    if sum(name in request for name in filters) > 1:
        raise ValidationError(f"Give only one of {', '.join(filters)}.")
    wanted = None
    if "ExperimentName" in request:
        engine.store.find("Experiment", request["ExperimentName"])
        trials = trials_of(engine, request["ExperimentName"])
        wanted = components_of(engine, trials)
    if "TrialName" in request:
        trial = engine.store.find("Trial", request["TrialName"])
        wanted = components_of(engine, [trial["TrialName"]])
    names = None
    if wanted is not None:
        names = {one["TrialComponentName"] for one in wanted}
    return _listed(engine, "TrialComponent", request, filters[:2], names)


def _listed(
    engine: Engine,
    noun: str,
    request: Members,
    filters: tuple[str, ...],
    wanted: set[str] | None,
) -> Members:
    """List what the store lists, of some names only."""
    rest = {name: value for name, value in request.items() if name not in filters}
    if wanted is None:
        return engine.store.list(noun, rest)
    return engine.store.list(noun, rest, lambda one: one[f"{noun}Name"] in wanted)


HANDLERS = {
    name: after_catch_up(handler)
    for name, handler in {
        "CreateExperiment": create_experiment,
        "DescribeExperiment": described("Experiment"),
        "ListExperiments": listed("Experiment"),
        "UpdateExperiment": _updated("Experiment"),
        "DeleteExperiment": delete_experiment,
        "CreateTrial": create_trial,
        "DescribeTrial": described("Trial"),
        "ListTrials": list_trials,
        "UpdateTrial": _updated("Trial"),
        "DeleteTrial": delete_trial,
        "AssociateTrialComponent": associate,
        "DisassociateTrialComponent": disassociate,
        "ListTrialComponents": list_trial_components,
    }.items()
}
