"""Notice that another distribution has overwritten a package of noshow.

Two distributions may bring packages of one name, such as `queries`, and installers let the later one overwrite the
files of the earlier. Nothing of noshow is imported here, since it may be foreign.
"""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path

PACKAGES = ("pipeline", "queries", "reports")
# The first line of each of their `__init__.py`.
_OWN = "# A package of the distribution noshow.\n"


def foreign_packages() -> dict[str, list[str]]:
    """Packages of noshow that are not its own any more, with the distributions that say they brought them."""
    foreign = [name for name in PACKAGES if not _is_own(name)]
    if not foreign:
        return {}
    # Imported late: it takes longer than all the rest, and reads the list of files of every distribution.
    from importlib.metadata import packages_distributions

    claimed = packages_distributions()
    return {name: sorted(set(claimed.get(name, ())) - {"noshow"}) for name in foreign}


def require_own_packages() -> None:
    """Exit with a line on stderr if a package was overwritten, or its files cannot be read."""
    try:
        foreign = foreign_packages()
    except OSError as error:
        print(f"noshow: the installed packages of noshow cannot be read: {error}", file=sys.stderr)
        sys.exit(74)
    for name, distributions in foreign.items():
        by = f" by {', '.join(distributions)}" if distributions else ""
        away = f"Uninstall {' and '.join(distributions)}, then install" if distributions else "Install"
        print(
            f"noshow: the package `{name}` of noshow was overwritten{by}. {away} noshow again, in an "
            "environment of its own, such as pipx and uv tool make (pip needs --force-reinstall --no-deps)",
            file=sys.stderr,
        )
    if foreign:
        sys.exit(2)


def _is_own(name: str) -> bool:
    found = find_spec(name)
    # A package without `__init__.py` has no origin: the other distribution has taken the file away with itself.
    return bool(found and found.origin and Path(found.origin).read_bytes().startswith(_OWN.encode()))
