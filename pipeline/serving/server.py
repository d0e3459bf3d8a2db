"""Serve the API from a database at an address, until the process is asked to end."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp

import queries
from pipeline.serving import limits
from pipeline.serving.app import attendance_api
from pipeline.serving.connections import Connection
from pipeline.serving.gate import is_loopback
from pipeline.settings import read_settings
from queries.errors import InputNotFound, OutputFailed, UsageError

TOKEN_VARIABLE = "NOSHOW_TOKEN"


def serve(
    path: Path, host: str, port: int, token: str | None, report: Callable[[str], None], strict: bool = False
) -> None:
    """Serve until Ctrl-C or SIGTERM. `report` is called with each line for the operator, the address first.

    `strict` is that of `attendance_api`.

    Raises `UsageError` for an address that others can reach without a token, `OutputFailed` if the address is taken,
    and for the database the errors of `queries.connect`.
    """
    if token is None and not is_loopback(host):
        hint = f"Put one into {TOKEN_VARIABLE} or a --token-file, or serve on 127.0.0.1"
        raise UsageError("serve.no_token", f"{host}: others can reach this address, and no token is set", hint)
    queries.connect(path).close()
    app = attendance_api(path, read_settings(), token, report, strict)
    with _listening(host, port) as listener:
        report(f"serving {path} at {_address(listener)}; Ctrl-C ends it")
        try:
            uvicorn.Server(server_config(app)).run([listener])
        except KeyboardInterrupt:
            # uvicorn raises it again once every request is answered. For a server this is the normal end, not an error.
            report("ended")


def server_config(app: ASGIApp) -> uvicorn.Config:
    """How uvicorn serves the app: within `limits`, and silent but for bugs."""
    return uvicorn.Config(
        app,
        loop="asyncio",
        http=Connection,
        ws="none",
        lifespan="on",
        log_config=None,
        # Any client can bring about warnings, such as "Invalid HTTP request received.".
        log_level="error",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        backlog=limits.BACKLOG,
        h11_max_incomplete_event_size=limits.MAX_HEAD_BYTES,
        timeout_keep_alive=limits.IDLE_SECONDS,
        timeout_graceful_shutdown=limits.GRACE_SECONDS,
    )


def read_token(file: Path | None) -> str | None:
    """Read the token from the file, or from the environment; None if neither is given. It is never printed."""
    if file is None:
        text = os.environ.get(TOKEN_VARIABLE, "")
    else:
        try:
            text = file.read_text(encoding="utf-8-sig", errors="replace")
        except FileNotFoundError:
            raise InputNotFound("input.not_found", f"{file}: no such file", "Check the path") from None
    token = text.strip()
    if file is None and not token:
        return None
    if not token or not token.isascii() or not token.isprintable() or " " in token:
        where = file or TOKEN_VARIABLE
        raise UsageError(
            "serve.token", f"{where}: not a token", "A token is one word of ASCII letters, digits and signs"
        )
    return token


def _listening(host: str, port: int) -> socket.socket:
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        return socket.create_server(address[:2], family=family)
    except socket.gaierror as error:
        raise UsageError("serve.host", f"{host}: {error.strerror}", "Give an address of this machine") from None
    except OSError as error:
        hint = "Choose another --port or --host"
        raise OutputFailed("serve.address", f"{host}:{port}: {os.strerror(error.errno or 0)}", hint) from None


def _address(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
