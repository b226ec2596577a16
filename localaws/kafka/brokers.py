"""The brokers' ports, and the way of a request through them."""

import asyncio
import contextlib
import io
import logging
import struct

from kafka import errors
from kafka.protocol.api_header import RequestHeader
from kafka.protocol.api_message import ApiMessage
from kafka.protocol.metadata import ApiVersionsRequest, ApiVersionsResponse

from localaws.kafka import HOST
from localaws.kafka.cluster import Call, Cluster
from localaws.kafka.requests import KINDS

_LARGEST = 100 * 2**20
_VERSIONS = (0, 3)
log = logging.getLogger(__name__)


class Brokers:
    """Serves a cluster.

    Args:
        cluster: The cluster.
    """

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._servers: list[asyncio.Server] = []

    async def listen(self, wanted: list[int]) -> None:
        """Listen, on the ports of before if they are free.

        Args:
            wanted: A port for each broker, or nothing.
        """
        for place, broker in enumerate(self._cluster.brokers):
            port = wanted[place] if place < len(wanted) else 0
            server = await self._open(broker, port)
            self._servers.append(server)
            self._cluster.ports[broker] = server.sockets[0].getsockname()[1]

    async def _open(self, broker: int, port: int) -> asyncio.Server:
        async def serve(
            reader: asyncio.StreamReader, writer: asyncio.StreamWriter
        ) -> None:
            await self._serve(broker, reader, writer)

        try:
            return await asyncio.start_server(serve, HOST, port)
        except OSError:
            return await asyncio.start_server(serve, HOST, 0)

    async def _serve(
        self, broker: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        try:
            while True:
                size = int.from_bytes(await reader.readexactly(4))
                if not 8 <= size <= _LARGEST:
                    return
                answer = await self._answer(broker, await reader.readexactly(size))
                if answer is not None:
                    writer.write(answer)
                    await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        except errors.UnsupportedVersionError as error:
            log.info("a connection is closed: %s", error)
        except Exception:
            log.exception("a connection is closed")
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

    async def _answer(self, broker: int, frame: bytes) -> bytes | None:
        key, version, correlation = struct.unpack_from(">hhi", frame)
        if key == ApiVersionsRequest.API_KEY:
            return _encoded(*_versions(version), correlation)
        kind = KINDS.get(key)
        if kind is None or not kind.least <= version <= kind.most:
            raise errors.UnsupportedVersionError(f"request {key}, version {version}")
        stream = io.BytesIO(frame)
        flexible = kind.request.flexible_version_q(version)
        header = RequestHeader.decode(stream, flexible=flexible)
        request = kind.request.decode(frame[stream.tell() :], version=version)
        call = Call(self._cluster, broker, request, version, header.client_id or "")
        response = await kind.answer(call)
        if not request.expect_response():
            return None
        return _encoded(response, version, correlation)


def _versions(version: int) -> tuple[ApiMessage, int]:
    known = _VERSIONS[0] <= version <= _VERSIONS[1]
    told = [(kind.key, kind.announced, kind.most) for kind in KINDS.values()]
    own = (ApiVersionsRequest.API_KEY, *_VERSIONS)
    response = ApiVersionsResponse(
        error_code=0 if known else errors.UnsupportedVersionError.errno,
        api_keys=[
            ApiVersionsResponse.ApiVersion(
                api_key=key, min_version=low, max_version=top
            )
            for key, low, top in sorted([*told, own])
        ],
    )
    return response, version if known else 0


def _encoded(response: ApiMessage, version: int, correlation: int) -> bytes:
    response.API_VERSION = version
    response.with_header(correlation)
    return bytes(response.encode(header=True, framed=True))
