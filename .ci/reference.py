"""Write the API reference, made from the docstrings, as pages that need no network.

.venv/bin/python .ci/reference.py build/reference
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import pdoc

PACKAGES = ("queries", "reports", "pipeline")


def write_reference(folder: Path) -> None:
    """Write a page for each package, with every public name of it, and an index."""
    for name in PACKAGES:
        package = importlib.import_module(name)
        for public in package.__all__:
            # Names are imported when they are asked for, and pdoc looks only at those that are there.
            setattr(package, public, getattr(package, public))
    pdoc.render.configure(docformat="markdown", show_source=False, footer_text="noshow")
    # Without the modules below the packages, which are internal.
    internal = [f"!{name}\\..*" for name in PACKAGES]
    pdoc.pdoc(*PACKAGES, *internal, output_directory=folder)


if __name__ == "__main__":
    write_reference(Path(sys.argv[1] if len(sys.argv) > 1 else "build/reference"))
