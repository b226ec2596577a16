"""A process of AWS's that answers the requests on its standard input, one a line.

Run as a script, with the toolkits on its path and the name of a server of this file.
"""

import base64
import importlib
import json
import logging
import os
import sys
import types

import numpy as np
import setuptools  # noqa: F401  brings back distutils, which one of the toolkits imports


def containers():
    """The single-model server of the scikit-learn image, whose defaults these are."""
    from sagemaker_containers import (
        _content_types,
        _encoders,
        _transformer,
        _worker,
    )

    def decode(data, kind):
        array = _encoders.decode(data, kind)
        return array.astype(np.float32) if kind in _content_types.UTF8_TYPES else array

    def encode(prediction, accept):
        return _worker.Response(_encoders.encode(prediction, accept), mimetype=accept)

    module = importlib.import_module(os.environ["SAGEMAKER_PROGRAM"][:-3])
    theirs = {
        "input_fn": decode,
        "predict_fn": lambda data, model: model.predict(data),
        "output_fn": encode,
    }
    given = {name: getattr(module, name, None) for name in (*theirs, "transform_fn")}
    if given["transform_fn"] is None:
        given = {name: given[name] or theirs[name] for name in theirs}
    model_fn = getattr(module, "model_fn", _transformer.default_model_fn)
    made = _transformer.Transformer(model_fn=model_fn, **given)
    made.initialize()
    client = _worker.Worker(made.transform, module_name="user").test_client()

    def answer(body, kind, accept):
        headers = {"Content-Type": kind, "Accept": accept}
        found = client.post("/invocations", data=body, headers=headers)
        return found.status_code, found.data, found.headers["Content-Type"]

    return answer


def inference():
    """sagemaker-inference alone: what images of one's own are built on."""
    from sagemaker_inference.transformer import Transformer

    return _transformer(Transformer())


def pytorch():
    """The server of the PyTorch image."""
    from sagemaker_inference.transformer import Transformer
    from sagemaker_pytorch_serving_container import default_pytorch_inference_handler

    handler = default_pytorch_inference_handler.DefaultPytorchInferenceHandler()
    return _transformer(Transformer(default_inference_handler=handler))


def _transformer(made):
    folder = os.path.join(os.environ["SAGEMAKER_BASE_DIR"], "model")  # noqa: PTH118
    made.validate_and_initialize(model_dir=folder)

    def answer(body, kind, accept):
        said = {"status": 200, "kind": "text/plain"}
        asked = {"Content-Type": kind, "Accept": accept}
        context = types.SimpleNamespace(
            system_properties={"model_dir": folder},
            request_processor=[
                types.SimpleNamespace(get_request_properties=lambda: asked)
            ],
            set_response_status=lambda code, phrase: said.update(status=code),
            set_response_content_type=lambda _, value: said.update(kind=value),
        )
        (content,) = made.transform([{"body": body}], context)
        content = content.encode() if isinstance(content, str) else bytes(content)
        return said["status"], content, said["kind"]

    return answer


def main():
    logging.disable()
    replies, sys.stdout = sys.stdout, sys.stderr
    try:
        answer = {one.__name__: one for one in (containers, inference, pytorch)}[
            sys.argv[1]
        ]()
    except Exception as error:
        print(json.dumps([type(error).__name__, str(error)]), file=replies, flush=True)
        return
    print("null", file=replies, flush=True)
    for line in sys.stdin:
        body, kind, accept = json.loads(line)
        status, content, kind = answer(base64.b64decode(body), kind, accept)
        content = base64.b64encode(content).decode()
        print(json.dumps([status, content, kind]), file=replies, flush=True)


if __name__ == "__main__":
    main()
