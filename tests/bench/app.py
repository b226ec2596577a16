"""The peer of a SageMaker endpoint: the same functions behind FastAPI."""

import os

from fastapi import FastAPI, Request, Response

from tests.bench.program.train import input_fn, model_fn, output_fn, predict_fn

app = FastAPI()
model = model_fn(os.environ["BENCH_MODEL"])


@app.post("/invocations")
async def invocations(request: Request) -> Response:
    """Answer one request."""
    rows = input_fn(await request.body(), request.headers["content-type"])
    answer = output_fn(predict_fn(rows, model), "application/json")
    return Response(answer, media_type="application/json")
