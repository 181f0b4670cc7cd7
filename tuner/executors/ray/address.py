"""Checking the address of a cluster before Ray uses it, so that a wrong address fails in seconds.

Ray itself waits for minutes for an address where nothing answers, and ends with a traceback.
"""

import socket
import struct
import threading
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self

from sr_models.errors import UserError, WorkFailedError
from tuner.executors.ray.private import own_cluster, require_head

AUTO = "auto"
_CONNECT = 5.0
"""Seconds for a machine to accept a connection."""
_ANSWER = 15.0
"""Seconds for Ray's head to answer."""
_SETTINGS = 4
"""The type of the first frame of any HTTP/2 server, and so of a gRPC server."""
_FRAME_HEADER = 9
_HELLO = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes([0, 0, 0, _SETTINGS, 0, 0, 0, 0, 0])


class Answer(StrEnum):
    """The answer to a request for a connection."""

    UP = "up"
    REFUSED = "refused"  # the machine is there, but nothing listens
    SILENT = "silent"


@dataclass(frozen=True)
class Address:
    """A host and a port."""

    host: str
    port: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `HOST:PORT`.

        Raises:
            UserError: it is not such an address; the message says what to give instead.
        """
        if "://" in text:
            raise UserError(
                f"--address {text}: a search cannot run through Ray's client; give the head's "
                "HOST:PORT without ://, on a machine of the cluster, or start the command with "
                "`ray job submit`"
            )
        host, colon, port = text.rpartition(":")
        if not (colon and host and port.isdecimal() and 0 < int(port) < 2**16):
            raise UserError(
                f"--address {text}: not an address; give HOST:PORT of the cluster's head, such as "
                f"10.0.0.1:6379, or {AUTO} on a machine of the cluster"
            )
        return cls(host.strip("[]"), int(port))

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    def answers(self, seconds: float = _CONNECT) -> bool:
        """Return whether anything accepts a connection there."""
        return self.answer(seconds) is Answer.UP

    def answer(self, seconds: float = _CONNECT) -> Answer:
        """Return the answer to a request for a connection."""
        try:
            socket.create_connection((self.host, self.port), timeout=seconds).close()
        except ConnectionRefusedError:
            return Answer.REFUSED
        except OSError:
            return Answer.SILENT
        return Answer.UP

    def speaks_grpc(self, seconds: float = _CONNECT) -> bool:
        """Return whether a gRPC server listens there, as all of Ray's servers are."""
        try:
            with socket.create_connection((self.host, self.port), timeout=seconds) as connection:
                connection.sendall(_HELLO)
                header = connection.recv(_FRAME_HEADER, socket.MSG_WAITALL)
        except OSError:
            return False
        return len(header) == _FRAME_HEADER and struct.unpack(">3xB5x", header)[0] == _SETTINGS


def checked_address(text: str) -> str:
    """Check that a cluster's head answers at an address; return the address.

    Raises:
        UserError: it is not an address, or the token that guards the cluster is missing or wrong.
        WorkFailedError: nothing answers there, or something that is not Ray's head.
    """
    if text == AUTO:
        text = own_cluster() or ""
        if not text:
            raise WorkFailedError(
                f"--address {AUTO}: no Ray runs on this machine; start it with `ray start`, or "
                "give HOST:PORT of the cluster's head"
            )
    address = Address.parse(text)
    if not address.answers():
        raise WorkFailedError(
            f"--address {address}: nothing answers there; check that `ray start --head` runs on "
            f"{address.host}, and which port it names"
        )
    if not address.speaks_grpc():
        raise _no_head(address)
    _ask_head(address)
    return str(address)


def _ask_head(address: Address) -> None:
    """Ask for the cluster's id, as Ray does, but wait no longer than `_ANSWER`."""
    answer: list[Any] = []

    def ask() -> None:
        try:
            require_head(str(address))
            answer.append(None)
        except Exception as error:  # noqa: BLE001 - Ray may raise anything
            answer.append(error)

    asking = threading.Thread(target=ask, name="ask-head", daemon=True)
    asking.start()
    asking.join(_ANSWER)
    if not answer or type(answer[0]).__name__ == "RpcError":  # perhaps another of Ray's servers
        raise _no_head(address)
    if answer[0] is not None:
        raise refused(str(address), answer[0])


def _no_head(address: Address) -> WorkFailedError:
    return WorkFailedError(
        f"--address {address}: what answers there is not the head of a Ray cluster; give the port "
        "that `ray start --head` names, 6379 unless it was set"
    )


def refused(address: str, error: Exception) -> UserError:
    """Return the error for a cluster that rejects the connection, in a sentence."""
    if type(error).__name__ == "AuthenticationError":
        return UserError(
            f"--address {address}: the cluster is guarded by a token, and the one given is missing "
            "or wrong: set RAY_AUTH_MODE=token, and RAY_AUTH_TOKEN or RAY_AUTH_TOKEN_PATH as where "
            "the cluster was started"
        )
    said = next((line.strip() for line in str(error).splitlines() if line.strip()), "")
    return WorkFailedError(f"--address {address}: Ray cannot be reached: {said.rstrip('.')}")
