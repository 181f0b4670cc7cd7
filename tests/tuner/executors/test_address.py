"""An address is refused in seconds, in a sentence, before Ray is asked."""

import http.server
import socket
import threading
from collections.abc import Iterator

import pytest

from sr_models.errors import UserError, WorkFailedError
from tuner.executors.ray import address
from tuner.executors.ray.address import Address, checked_address, refused


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("localhost", "not an address"),
        ("localhost:ray", "not an address"),
        (":6379", "not an address"),
        ("localhost:0", "not an address"),
        ("localhost:65536", "not an address"),
        ("", "not an address"),
        ("ray://localhost:10001", "ray job submit"),
        ("http://localhost:8265", "ray job submit"),
    ],
)
def test_what_is_no_address_is_refused(text: str, said: str) -> None:
    with pytest.raises(UserError, match=said) as caught:
        Address.parse(text)
    assert not isinstance(caught.value, WorkFailedError)
    assert str(caught.value).count("\n") == 0


@pytest.mark.parametrize("text", ["10.0.0.1:6379", "head.local:6379", "[fd00::1]:6379"])
def test_an_address_reads_as_it_was_written(text: str) -> None:
    assert str(Address.parse(text)) == text


def test_a_port_where_nothing_listens_is_refused() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and does not listen
        port = taken.getsockname()[1]
        with pytest.raises(WorkFailedError, match="nothing answers there"):
            checked_address(f"127.0.0.1:{port}")


@pytest.fixture
def web_server() -> Iterator[int]:
    """The port of a server that is not Ray's."""
    with http.server.HTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler) as server:
        serving = threading.Thread(target=server.serve_forever, args=(0.01,))
        serving.start()
        yield server.server_port
        server.shutdown()
        serving.join()


def test_another_server_is_no_head(web_server: int) -> None:
    with pytest.raises(WorkFailedError, match="not the head of a Ray cluster"):
        checked_address(f"127.0.0.1:{web_server}")


def test_a_server_that_says_nothing_is_not_waited_for() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        assert not Address("127.0.0.1", silent.getsockname()[1]).speaks_grpc(seconds=0.1)


def test_no_cluster_on_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(address, "own_cluster", lambda: None)
    with pytest.raises(WorkFailedError, match="no Ray runs on this machine"):
        checked_address("auto")


class AuthenticationError(Exception):
    """As Ray names it."""


def test_a_missing_token_is_a_sentence() -> None:
    error = refused("h:1", AuthenticationError("many\nlines\n"))
    assert "RAY_AUTH_TOKEN" in str(error)
    assert "many" not in str(error)
    assert not isinstance(error, WorkFailedError)


def test_of_what_else_ray_says_the_first_line_is_told() -> None:
    error = refused("h:1", RuntimeError("\nVersion mismatch.\nand much more"))
    assert str(error) == "--address h:1: Ray cannot be reached: Version mismatch"
    assert isinstance(error, WorkFailedError)
