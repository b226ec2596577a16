"""botocore's model as an oracle: every answer of SageMaker fits its output shape."""

from typing import Any

from botocore.model import OperationModel, Shape
from botocore.validate import ParamValidator

# Required by the model, and absent on AWS until the job has left a model.
LATE = ("ModelArtifacts",)
EVENTS = ("sagemaker", "sagemaker-runtime", "sagemaker-featurestore-runtime")


def check(model: OperationModel, parsed: dict[str, Any], **_: Any) -> None:
    """Fail if an answer has a member, a type or a value that its shape has not."""
    shape = model.output_shape
    if shape is None or "Error" in parsed:
        return
    streamed = shape.serialization.get("payload")
    aside = ("ResponseMetadata", streamed)
    answer = {name: value for name, value in parsed.items() if name not in aside}
    report = ParamValidator().validate(answer, shape).generate_report()
    absent = [f'Missing required parameter in input: "{n}"' for n in (streamed, *LATE)]
    errors = [line for line in report.split("\n") if line and line not in absent]
    assert not errors, f"{model.name}: {errors}"
    wrong = list(_values(shape, answer, model.name))
    assert not wrong, wrong


def _values(shape: Shape, value: Any, path: str) -> Any:
    """Yield each string that is none of its enum."""
    if shape.type_name == "structure":
        for name, item in value.items():
            yield from _values(shape.members[name], item, f"{path}.{name}")
    elif shape.type_name == "list":
        for item in value:
            yield from _values(shape.member, item, path)
    elif shape.type_name == "string" and shape.enum and value not in shape.enum:
        yield f"{path}: {value!r} is none of {shape.enum}"
