"""How to install an optional part of noshow, in the words of the installer that noshow itself came with."""

from __future__ import annotations

import importlib.metadata
import json
import os
import re
import shlex
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

Installer = Literal["pip", "pipx", "uv tool", "uv"]

# The optional parts that users install; the rest are for the tests of noshow.
EXTRAS = ("model", "sail", "serve", "shell", "spark")
# Files that an installer leaves in an environment that it has made. pipx and `uv tool` make one for each program.
_LEFT_BY: tuple[tuple[str, Installer], ...] = (("pipx_metadata.json", "pipx"), ("uv-receipt.toml", "uv tool"))
_COMMANDS: dict[Installer, str] = {
    "pip": "{pip} install {requirement}",
    # `pipx install --force` would make the environment again, without the parts that were added to it.
    "pipx": "pipx runpip noshow install {requirement}",
    # This makes the environment again, so that it has to name the parts that are there as well.
    "uv tool": "uv tool install {all}",
    "uv": "uv pip install {python}{requirement}",
}


@dataclass(frozen=True, slots=True)
class Installation:
    """An installation of noshow.

    `prefix` is its environment, `is_active` whether a bare `pip` means that one, `source` the folder or file that it
    was installed from, if that was one, `extras` the optional parts that are there.
    """

    installer: Installer
    prefix: str
    is_active: bool = True
    source: str | None = None
    is_editable: bool = False
    extras: tuple[str, ...] = ()


def install_command(extra: str, found: Installation) -> str:
    """The command that adds an optional part to an installation.

    For example `pip install 'noshow[shell]'`, or `uv tool install 'noshow[model,shell]'`.
    """
    python = shlex.quote(f"{found.prefix}/bin/python")
    return _COMMANDS[found.installer].format(
        pip="pip" if found.is_active else f"{python} -m pip",
        python="" if found.is_active else f"--python {python} ",
        requirement=_requirement(found, (extra,)),
        all=_requirement(found, tuple(sorted({extra, *found.extras}))),
    )


def how_to_install(extra: str) -> str:
    """The hint of an error: how to add an optional part to this installation."""
    return f"Run: {install_command(extra, this_installation())}"


def this_installation() -> Installation:
    """The installation that is running."""
    prefix = Path(sys.prefix)
    source, is_editable = _source()
    return Installation(
        installer_of(prefix, has_pip=find_spec("pip") is not None),
        str(prefix),
        is_active=sys.prefix == sys.base_prefix or os.environ.get("VIRTUAL_ENV") == sys.prefix,
        source=source,
        is_editable=is_editable,
        extras=_extras(),
    )


def installer_of(prefix: Path, *, has_pip: bool) -> Installer:
    """The installer that made an environment, by the files that it left there."""
    for name, installer in _LEFT_BY:
        if (prefix / name).exists():
            return installer
    # An environment that uv made has no pip unless it was asked for.
    return "pip" if has_pip else "uv"


def _requirement(found: Installation, extras: tuple[str, ...]) -> str:
    requirement = shlex.quote(f"{found.source or 'noshow'}[{','.join(extras)}]")
    return f"-e {requirement}" if found.is_editable else requirement


def _source() -> tuple[str | None, bool]:
    """The path that noshow was installed from, and whether it is used in place (PEP 610); None for an index."""
    try:
        text = importlib.metadata.distribution("noshow").read_text("direct_url.json")
    except importlib.metadata.PackageNotFoundError:  # run from a source tree
        return None, False
    url = json.loads(text) if text else {}
    parts = urlsplit(url.get("url", ""))
    if parts.scheme != "file":
        return None, False
    from urllib.request import url2pathname  # with it comes HTTP

    return url2pathname(parts.path), bool(url.get("dir_info", {}).get("editable"))


def _extras() -> tuple[str, ...]:
    """The optional parts of which all distributions are installed."""
    try:
        listed = importlib.metadata.requires("noshow") or []
    except importlib.metadata.PackageNotFoundError:
        return ()
    needed = {extra: [line for line in listed if re.search(rf"""extra == ['"]{extra}['"]""", line)] for extra in EXTRAS}
    return tuple(extra for extra, lines in needed.items() if lines and all(map(_is_installed, lines)))


def _is_installed(requirement: str) -> bool:
    name = re.match(r"[\w.-]+", requirement)
    try:
        importlib.metadata.distribution(name[0] if name else "")
    except (importlib.metadata.PackageNotFoundError, ValueError):
        return False
    return True
