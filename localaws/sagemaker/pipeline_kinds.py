"""The steps that create a SageMaker resource, as data."""

from dataclasses import dataclass

_ALGORITHM = ("AlgorithmSpecification", "CheckpointConfig", "DebugHookConfig")


@dataclass(frozen=True)
class Kind:
    """What a step of one type creates.

    Attributes:
        noun: The resource, such as `TrainingJob`.
        metadata: What its ARN stands under in the description of the step.
        status: Member of its description that holds its status; None if it is made
            at once.
        cached: The arguments that decide whether an earlier result is used again,
            as AWS lists them; none if the step cannot be cached.
        stops: Whether it can be stopped.
        tagged: Whether Pipelines tags it.
    """

    noun: str
    metadata: str
    status: str | None = None
    cached: tuple[str, ...] = ()
    stops: bool = False
    tagged: bool = True

    @property
    def key(self) -> str:
        """The member that names it."""
        return f"{self.noun}Name"


KINDS = {
    "Training": Kind(
        "TrainingJob",
        "TrainingJob",
        "TrainingJobStatus",
        (
            *_ALGORITHM,
            "DebugRuleConfigurations",
            "Environment",
            "HyperParameters",
            "InputDataConfig",
        ),
        stops=True,
    ),
    "Processing": Kind(
        "ProcessingJob",
        "ProcessingJob",
        "ProcessingJobStatus",
        ("AppSpecification", "Environment", "ProcessingInputs"),
        stops=True,
    ),
    "Transform": Kind(
        "TransformJob",
        "TransformJob",
        "TransformJobStatus",
        ("DataProcessing", "Environment", "ModelName", "TransformInput"),
        stops=True,
    ),
    "Tuning": Kind(
        "HyperParameterTuningJob",
        "TuningJob",
        "HyperParameterTuningJobStatus",
        (
            "HyperParameterTuningJobConfig",
            "TrainingJobDefinition.AlgorithmSpecification",
            "TrainingJobDefinition.HyperParameterRanges",
            "TrainingJobDefinition.InputDataConfig",
            "TrainingJobDefinition.StaticHyperParameters",
            "TrainingJobDefinition.TuningObjective",
            "TrainingJobDefinitions",
        ),
        stops=True,
    ),
    "Model": Kind("Model", "Model"),
    "RegisterModel": Kind(
        "ModelPackage", "RegisterModel", "ModelPackageStatus", tagged=False
    ),
}
# Steps that decide, wait or call, and create nothing.
OTHERS = ("Condition", "Fail", "Callback", "Lambda")
# What a step of another type does on AWS.
REFUSED = {
    "QualityCheck": "compares data or a model with a baseline",
    "ClarifyCheck": "looks for bias and explains a model with Clarify",
    "EMR": "runs a step on an EMR cluster",
    "EMRServerless": "runs a job on EMR Serverless",
    "AutoML": "runs an AutoML job",
    "EndpointConfig": "creates an endpoint configuration",
    "Endpoint": "creates or updates an endpoint",
    "InferenceComponent": "deploys an inference component",
    "Lineage": "records lineage entities",
    "Job": "creates a job of the CreateJob operation",
    "Cleanup": "deletes what other steps made",
    "ForEach": "repeats steps for each item of a list",
    "NotebookJob": "runs a notebook",
    "Athena": "runs a query in Athena",
    "BedrockCustomModel": "customises a foundation model",
    "BedrockCustomModelDeployment": "deploys a customised foundation model",
    "BedrockProvisionedModelThroughput": "buys throughput for a foundation model",
    "BedrockModelImport": "imports a model into Bedrock",
}
