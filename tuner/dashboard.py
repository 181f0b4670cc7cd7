"""`python -m tuner.dashboard`: the live compare page for all studies of a folder."""

import errno
import getpass
import ipaddress
import socket
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from sr_models.errors import UserError
from tuner.cli import run_command

PORT = 8700


def dashboard(
    results: Annotated[
        Path, typer.Argument(help="The folder of studies, or one study's folder.")
    ] = Path("results"),
    host: Annotated[
        str, typer.Option(help="The address to serve on; 127.0.0.1 is for this machine only.")
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="The port to serve on; 0 takes any free one.")
    ] = PORT,
    allow_host: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="Another name of this server, such as a proxy's; repeatable.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Serve the compare page for all studies of a folder, and follow running studies.

    Never changes results; saves the notes that are written on the page. Ctrl-C ends it.

    Example: python -m tuner.dashboard results --port 8700
    """
    if not results.is_dir():
        raise UserError(
            f"{results} is not a folder; name the folder that holds the studies, "
            "for example: python -m tuner.dashboard results"
        )
    with listen(host, port) as listener:
        for line in greeting(results, host, listener.getsockname()[1]):
            typer.echo(line)
        serve(results, host, listener, allow_host or ())


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens on an address.

    Raises:
        UserError: the port is taken, or the address is not an address of this machine.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(128)
    except (OSError, OverflowError) as error:
        listener.close()
        raise UserError(_why_not(host, port, error)) from error
    return listener


def greeting(results: Path, host: str, port: int) -> list[str]:
    """Return what to tell the person who started the server: where it is, and how to get there."""
    named = socket.gethostname() if host in ("0.0.0.0", "::") else host
    seen = f"[{named}]" if ":" in named else named
    local = ipaddress.ip_address(host).is_loopback if _is_address(host) else host == "localhost"
    lines = [f"Dashboard of {results}: http://{seen}:{port}/"]
    if local:
        lines += [
            f"From another machine: ssh -L {port}:{seen}:{port} {_user()}@{socket.gethostname()}",
            f"and open http://127.0.0.1:{port}/ there.",
        ]
    else:
        lines.append("Everybody who can reach this address can read these studies.")
    return [*lines, "Ctrl-C ends it."]


def serve(results: Path, host: str, listener: socket.socket, allowed: Iterable[str] = ()) -> None:
    """Serve until Ctrl-C."""
    import uvicorn

    from tuner.page.library import Library
    from tuner.page.server import create_app

    library = Library(results)
    threading.Thread(target=library.warm, daemon=True).start()
    config = uvicorn.Config(
        create_app(library, host, allowed=allowed),
        log_level="warning",
        access_log=False,
        lifespan="off",
        server_header=False,
        timeout_graceful_shutdown=2,
    )
    try:
        uvicorn.Server(config).run(sockets=[listener])
    except KeyboardInterrupt:
        typer.echo("Dashboard ended.")


def _why_not(host: str, port: int, error: Exception) -> str:
    code = getattr(error, "errno", None)
    if code == errno.EADDRINUSE:
        return (
            f"port {port} of {host} is taken, perhaps by another dashboard; "
            "choose another with --port, or any free one with --port 0"
        )
    if code == errno.EACCES:
        return f"port {port} needs more rights than you have; choose one above 1023 with --port"
    return f"cannot serve on {host}, port {port}: {error}; --host is an address of this machine"


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return "USER"


if __name__ == "__main__":
    run_command(dashboard)
