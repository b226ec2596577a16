"""The handlers of a serving container that a script does not write itself."""

import numpy as np
import pytest

SUM = """
def model_fn(model_dir):
    return Sum()
class Sum:
    def predict(self, x):
        print(x.dtype, x.shape)
        return x.sum(axis=-1)
"""


@pytest.mark.parametrize(
    ("body", "content_type", "accept", "status", "answer"),
    [
        (b"1,2\n3,4", "text/csv", "text/csv", 200, b"3.0\n7.0\n"),
        (b"[[1, 2], [3, 4]]", "application/json", "*/*", 200, b"[3.0, 7.0]"),
        (b"1,2", "text/csv", "application/json", 200, b"3.0"),
        (b"1,2", "text/csv; charset=utf-8", "*/*", 500, None),
        (b"1,,2", "text/csv", "*/*", 500, None),
        (b"1", "text/plain", "*/*", 500, None),
        (b"1,2\n3,4", "text/csv", "image/png", 500, None),
        (b"{", "application/json", "*/*", 500, None),
    ],
)
def test_default_handlers(serve, body, content_type, accept, status, answer) -> None:
    got = serve(SUM).invoke(body, content_type, accept)
    assert got.status == status
    if answer is not None:
        assert got.body == answer


def test_one_row_of_csv_has_one_dimension_as_on_aws(serve, log) -> None:
    server = serve(SUM)
    server.invoke(b"1,2", "text/csv")
    server.close()
    assert log == ["float32 (2,)"]


def test_npy_both_ways_without_pickle(serve) -> None:
    import io

    server = serve(SUM)
    good, bad = io.BytesIO(), io.BytesIO()
    np.save(good, np.array([[1.0, 2.0]]))
    np.save(bad, np.array([{"a": 1}]), allow_pickle=True)
    kind = "application/x-npy"
    answer = server.invoke(good.getvalue(), kind, kind)
    assert np.load(io.BytesIO(answer.body)).tolist() == [3.0]
    assert b"allow_pickle" in server.invoke(bad.getvalue(), kind).body


def test_default_accept_by_environment(serve, environ) -> None:
    accept = {"SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT": "text/csv"}
    answer = serve(SUM, env=environ | accept).invoke(b"1,2\n3,4", "text/csv")
    assert answer.body == b"3.0\n7.0\n"
    assert answer.content_type == "text/csv; charset=utf-8"
