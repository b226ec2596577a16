"""The endpoint as a client of its own clusters."""

import socket
from typing import TYPE_CHECKING, Any

from localaws.errors import AwsError
from localaws.kafka import HOST

if TYPE_CHECKING:
    from kafka.protocol.api_message import ApiMessage

_PATIENCE = 10


def ask(port: int, request: "ApiMessage", version: int) -> Any:
    """Ask a broker, and return its response.

    Args:
        port: The broker's.
        request: What is asked.
        version: Of its schema.

    Raises:
        AwsError: It does not answer.
    """
    request.API_VERSION = version
    request.with_header(1, "localaws")
    try:
        with socket.create_connection((HOST, port), _PATIENCE) as link:
            link.sendall(request.encode(header=True, framed=True))
            size = int.from_bytes(_read(link, 4))
            data = _read(link, size)
    except OSError as error:
        raise AwsError(
            "ClusterConnectivityException",
            "Unable to establish a connection to the Kafka cluster.",
            409,
        ) from error
    assert request.header is not None
    return request.header.get_response_class().decode(data, header=True)


def _read(link: socket.socket, size: int) -> bytes:
    found = bytearray()
    while len(found) < size:
        chunk = link.recv(size - len(found))
        if not chunk:
            raise ConnectionError("the broker has closed the connection")
        found += chunk
    return bytes(found)
