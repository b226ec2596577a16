"""Python functions, which Flink runs in workers of Apache Beam: they are not here."""

from typing import Any


class NotActingHere(NotImplementedError):
    """The program asks for what does not act here."""


def refuse() -> None:
    """Have each Python function of both APIs refused as it is made."""
    from pyflink.datastream import data_stream
    from pyflink.table.udf import UserDefinedFunctionWrapper

    def made(*_: Any, **__: Any) -> None:
        raise NotActingHere(
            "Python functions (udf, udtf, udaf, udtaf and those of the DataStream API) "
            "do not act in the local endpoint. On AWS they run in workers of Apache "
            "Beam beside Flink"
        )

    UserDefinedFunctionWrapper.__init__ = made
    data_stream._get_one_input_stream_operator = made
    data_stream._get_two_input_stream_operator = made
