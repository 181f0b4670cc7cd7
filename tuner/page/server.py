"""The page from a server, which follows studies while they run.

It only reads, except for people's notes (`POST /api/notes`). It answers only to its own names, so
that no web page from elsewhere can make a browser fetch from it (DNS rebinding). It serves nothing
but the page, its JSON and the pictures of the studies, and takes notes only as JSON from its own
page, which no page from elsewhere can send (CSRF).
"""

import gzip
import ipaddress
import socket
from collections.abc import Callable, Iterable
from typing import Any

from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sr_models.errors import UserError
from tuner.page.builder import page_facts, render, script_json
from tuner.page.library import Library, NoSuchStudyError
from tuner.page.note_change import NoteChange

HEADERS = {
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
EVERY = 2.0
"""Seconds between a page's requests: epochs take longer, and people do not look more often."""

NOTES = "/api/notes"
LONGEST_NOTE = 200_000
"""Bytes of a request with notes; all views are sent at once."""

_LOCAL = {"localhost", "127.0.0.1", "::1"}
_ANY = {"0.0.0.0", "::"}


def create_app(
    library: Library,
    host: str = "127.0.0.1",
    every: float = EVERY,
    allowed: Iterable[str] = (),
) -> ASGIApp:
    """Return the server of some studies.

    Args:
        library: the studies.
        host: the address that it is bound to.
        every: seconds that pages wait before they ask for changes.
        allowed: other names by which it is reached, such as the name of a proxy.
    """

    def answer(make: Callable[[Request], Response]) -> Callable[[Request], Response]:
        def endpoint(request: Request) -> Response:
            try:
                return make(request)
            except NoSuchStudyError as error:
                return JSONResponse({"problem": str(error)}, 404)
            except UserError as error:
                return JSONResponse({"problem": str(error)}, 503)

        return endpoint

    def page(_: Request) -> Response:
        data = {**page_facts(), "live": {"every": every}, "index": library.index(), "studies": {}}
        return Response(render(data, title="Studies"), media_type="text/html")

    def changes(request: Request) -> Response:
        return _json(request, library.changes(_seen(request.query_params.getlist("study"))))

    def study(request: Request) -> Response:
        return _gzipped(request, library.study(_key(request)))

    def analysis(request: Request) -> Response:
        return _json(request, library.analysis(_key(request)))

    def pictures(request: Request) -> Response:
        trials = [n for text in request.query_params.getlist("trial") if (n := _int(text)) >= 0]
        return _json(request, library.pictures(_key(request), trials[:100]))

    def picture(request: Request) -> Response:
        query = request.query_params
        file = query.get("file", "")
        if "trial" in query:
            numbers = _int(query["trial"]), _int(query.get("epoch", ""))
            path = library.trial_file(_key(request), *numbers, file)
        else:
            path = library.image_file(_key(request), file)
        return FileResponse(path) if path else Response("no such picture", 404)

    def trial(request: Request) -> Response:
        number = _int(request.query_params.get("trial", ""))
        return _json(request, library.trial(_key(request), number))

    def notes(request: Request) -> Response:
        return _json(request, library.notes(_key(request)))

    async def take_note(request: Request) -> Response:
        body = await _body(request)
        if body is None:
            return JSONResponse({"problem": f"notes are at most {LONGEST_NOTE} bytes"}, 413)
        try:
            said = NoteChange.model_validate_json(body)
        except ValidationError as error:
            return JSONResponse({"problem": str(error.errors()[0]["msg"])}, 422)
        make = answer(lambda asked: _json(asked, library.note(_key(asked), said)))
        return await run_in_threadpool(make, request)

    endpoints = {
        "/": page,
        "/api/changes": changes,
        "/api/study": study,
        "/api/analysis": analysis,
        "/api/pictures": pictures,
        "/api/trial": trial,
        NOTES: notes,
        "/picture": picture,
    }
    routes = [Route(path, answer(make), methods=["GET"]) for path, make in endpoints.items()]
    routes.append(Route(NOTES, take_note, methods=["POST"]))
    return Guard(Starlette(routes=routes), own_names(host), allowed)


def own_names(host: str) -> frozenset[str] | None:
    """Return the names that the server answers to when it is bound to `host`.

    Bound to all addresses, it answers to each of them and to the machine's name. None stands for
    any address: unlike a name, an address cannot be redirected to another machine.
    """
    if host in _ANY:
        return None
    return frozenset(_LOCAL | {host.lower()}) if _is_local(host) else frozenset({host.lower()})


class Guard:
    """Rejects other hosts and all requests but reading and noting; sets the headers of answers."""

    def __init__(
        self, app: ASGIApp, names: frozenset[str] | None, allowed: Iterable[str] = ()
    ) -> None:
        self._app = app
        self._names = names
        self._allowed = frozenset(name.lower() for name in allowed)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = [(k.lower().encode(), v.encode()) for k, v in HEADERS.items()]
                message["headers"] = [*message["headers"], *own]
            await send(message)

        refusal = self._refusal(scope)
        await (refusal or self._app)(scope, receive, send_guarded)

    def _refusal(self, scope: Scope) -> Response | None:
        hosts = [value.decode("latin-1") for key, value in scope["headers"] if key == b"host"]
        if len(hosts) != 1 or not self._is_own(_host_name(hosts[0])):
            return Response(
                "this server does not answer to that host name; start it with --allow-host NAME\n",
                421,
            )
        if scope["method"] == "POST" and scope["path"] == NOTES:
            return None if _from_own_page(scope, hosts[0]) else Response("not from its page\n", 403)
        if scope["method"] not in ("GET", "HEAD"):
            return Response("this server only answers to GET\n", 405, {"Allow": "GET, HEAD"})
        return None

    def _is_own(self, name: str) -> bool:
        if name in self._allowed:
            return True
        if self._names is not None:
            return name in self._names
        return name in _LOCAL or _is_address(name) or name in _machine_names()


def _from_own_page(scope: Scope, host: str) -> bool:
    """Whether this server's own page asks: by its origin, and JSON, which a form cannot send."""
    headers = {key.decode("latin-1"): value.decode("latin-1") for key, value in scope["headers"]}
    origin = headers.get("origin", "")
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    return origin in (f"http://{host}", f"https://{host}") and kind == "application/json"


async def _body(request: Request) -> bytes | None:
    """The body of a request; None if it is too long."""
    found = b""
    async for part in request.stream():
        found += part
        if len(found) > LONGEST_NOTE:
            return None
    return found


def _host_name(header: str) -> str:
    """`127.0.0.1:8700` -> `127.0.0.1`, `[::1]:8700` -> `::1`."""
    if header.startswith("["):
        return header[1:].partition("]")[0].lower()
    return header.partition(":")[0].lower()


def _is_local(host: str) -> bool:
    return host == "localhost" or (_is_address(host) and ipaddress.ip_address(host).is_loopback)


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _machine_names() -> set[str]:
    return {socket.gethostname().lower(), socket.getfqdn().lower()}


def _key(request: Request) -> str:
    return str(request.query_params.get("key", ""))


def _seen(written: list[str]) -> dict[str, int]:
    """`12@step4` -> revision 12 of step4."""
    parts = [text.partition("@") for text in written]
    return {key: revision for text, _, key in parts if (revision := _int(text)) >= 0}


def _int(text: str) -> int:
    """A whole number from an address; -1 if it is not a number."""
    return int(text) if text.isdecimal() and len(text) < 16 else -1


def _json(request: Request, data: Any) -> Response:
    return _gzipped(request, gzip.compress(script_json(data).encode(), compresslevel=1))


def _gzipped(request: Request, body: bytes) -> Response:
    if "gzip" not in request.headers.get("accept-encoding", ""):
        return Response(gzip.decompress(body), media_type="application/json")
    return Response(body, media_type="application/json", headers={"Content-Encoding": "gzip"})
