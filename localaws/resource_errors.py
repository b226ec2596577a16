"""What AWS answers of a resource that is not there, or is there already."""

from localaws.errors import AwsError

_MISSING = {
    "Pipeline": ("ResourceNotFound", "Pipeline '{arn}' does not exist."),
    "PipelineExecution": (
        "ResourceNotFound",
        "Pipeline execution with ARN {arn} does not exist.",
    ),
    "TrainingJob": ("ValidationException", "Requested resource not found."),
    "ProcessingJob": (
        "ValidationException",
        "Could not find requested job with name: {name}",
    ),
    "TransformJob": (
        "ValidationException",
        "Could not find requested job with name: {name}",
    ),
    "HyperParameterTuningJob": (
        "ResourceNotFound",
        "Amazon SageMaker can't find a tuning job called {name}. Type another name.",
    ),
    "LabelingJob": ("ResourceNotFound", "Requested resource not found."),
    "ModelPackage": ("ValidationException", "ModelPackage {arn} does not exist."),
    "ModelPackageGroup": (
        "ValidationException",
        "ModelPackageGroup {arn} does not exist.",
    ),
    "ModelCard": ("ResourceNotFound", "ModelCard {arn} does not exist."),
    "ModelCardExportJob": ("ResourceNotFound", "{arn} does not exist."),
    "Artifact": ("ResourceNotFound", "Artifact {arn} does not exist."),
    "Action": ("ResourceNotFound", "Action {arn} does not exist."),
    "Context": ("ResourceNotFound", "Context {arn} does not exist."),
    "TrialComponent": ("ResourceNotFound", "TrialComponent {arn} does not exist."),
    "Trial": ("ResourceNotFound", "Trial {arn} does not exist."),
    "Experiment": ("ResourceNotFound", "Experiment {arn} does not exist."),
    "FeatureGroup": (
        "ResourceNotFound",
        "Resource Not Found: Amazon SageMaker can't find a FeatureGroup with name "
        "{name}.",
    ),
}
_EXISTING = {
    "LabelingJob": (
        "ResourceInUse",
        "Labeling job names must be unique within an AWS account and region, and a "
        "labeling job with this name already exists ({arn})",
    ),
    "Workteam": ("ResourceInUse", "Work team {arn} already exists."),
    "Experiment": (
        "ValidationException",
        "Experiment names must be unique within an AWS account and region. Experiment "
        "with name ({name}) already exists.",
    ),
    "Trial": (
        "ValidationException",
        "Trial names must be unique within an AWS account and region. Trial with name "
        "({name}) already exists.",
    ),
    "TrialComponent": (
        "ValidationException",
        "Trial component names must be unique within an AWS account and region. Trial "
        "component with name ({name}) already exists.",
    ),
    "Pipeline": (
        "ValidationException",
        "Pipeline names must be unique within an AWS account and region. Pipeline with "
        "name ({name}) already exists.",
    ),
    "TransformJob": (
        "ResourceInUse",
        "Job name must be unique within an AWS account and region, and a job with "
        "this name already exists ({arn})",
    ),
    "HyperParameterTuningJob": (
        "ResourceInUse",
        "A hyperparameter tuning job with the name, {name}, already exists. Choose a "
        "different name.",
    ),
    "ProcessingJob": (
        "ResourceInUse",
        "Job name must be unique within an AWS account and region, and a job with "
        "this name already exists ({arn})",
    ),
    "TrainingJob": (
        "ResourceInUse",
        "Training job names must be unique within an AWS account and region, and a "
        "training job with this name already exists ({arn})",
    ),
    "ModelPackageGroup": (
        "ValidationException",
        "Model Package Group already exists: {arn}",
    ),
    "ModelCard": ("ConflictException", "ModelCard {arn} already exists."),
    "ModelCardExportJob": ("ConflictException", "{arn} already exists."),
    "FeatureGroup": (
        "ResourceInUse",
        "Resource Already Exists: FeatureGroup with name {name} already exists. Choose "
        "a different name.",
    ),
}


def missing(noun: str, words: str, name: str, arn: str) -> AwsError:
    """Return the error of a resource that does not exist.

    Args:
        noun: Such as `TrainingJob`.
        words: The same in words.
        name: What was asked for.
        arn: The ARN that it would have.
    """
    text = f'Could not find {words} "{{arn}}".'
    code, text = _MISSING.get(noun, ("ValidationException", text))
    return AwsError(code, text.format(arn=arn, name=name))


def existing(noun: str, words: str, name: str, arn: str) -> AwsError:
    """Return the error of a name that is taken; arguments as for `missing`."""
    text = f'Cannot create already existing {words} "{{arn}}".'
    code, text = _EXISTING.get(noun, ("ValidationException", text))
    return AwsError(code, text.format(arn=arn, name=name))
