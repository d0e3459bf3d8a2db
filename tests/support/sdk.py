"""Read the declarations of an unpacked package of the site's SDK: methods with their paths, options, query fields.

`python tests/support/sdk.py FOLDER...` prints the facts of unpacked packages, as they are kept in `tests/wire/sdk/`.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

HOST = "www.wixapis.com"
_RESOLVER = re.compile(r"function (resolve\w+Url)\(opts\) \{(.*?)return resolveUrl", re.DOTALL)
_MAPPING = re.compile(r'srcPath: "([^"]*)",\s*destPath: "([^"]*)"')
_METHOD = re.compile(
    r'function __(\w+)\(\{ host \}\).*?method: "(\w+)".*?url: (resolve\w+Url)\(\{\s*protoPath: "([^"]+)"', re.DOTALL
)
_OPTIONS = re.compile(r"^interface ((?:Query|Count)\w+Options) \{(.*?)^\}", re.DOTALL | re.MULTILINE)
_OPTION = re.compile(r"^    (\w+)\??: ", re.MULTILINE)
_QUERY = re.compile(r"^interface QueryV2 extends .*?\{(.*?)^\}", re.DOTALL | re.MULTILINE)
_SPEC = re.compile(r"^interface (\w+QuerySpec) extends QuerySpec \{(.*?)^\}", re.DOTALL | re.MULTILINE)
_FIELDS = re.compile(r"fields: \[(.*?)\];\s*operators: (\[.*?\]|'\*');\s*sort: '(\w+)'", re.DOTALL)
_WORD = re.compile(r"'([^']+)'")


def facts(package: Path) -> dict[str, Any]:
    """The declarations of a package."""
    about = json.loads((package / "package.json").read_text(encoding="utf-8"))
    calls = (package / "build/es/meta.mjs").read_text(encoding="utf-8")
    types = (package / "build/cjs/index.typings.d.ts").read_text(encoding="utf-8")
    return {
        "package": about["name"],
        "version": about["version"],
        "methods": _methods(calls),
        "options": {name: _OPTION.findall(body) for name, body in _OPTIONS.findall(types)},
        "query": sorted({name for body in _QUERY.findall(types) for name in _OPTION.findall(body)}),
        "fields": {name: [_group(group) for group in _FIELDS.findall(body)] for name, body in _SPEC.findall(types)},
    }


def _methods(calls: str) -> dict[str, Any]:
    """Method -> its verb, and its paths at the API's host."""
    mappings = {name: _MAPPING.findall(_of_host(body)) for name, body in _RESOLVER.findall(calls)}
    return {
        name: {
            "verb": verb,
            "paths": [src + path.removeprefix(dest) for src, dest in mappings[at] if path.startswith(dest)],
        }
        for name, verb, at, path in _METHOD.findall(calls)
    }


def _of_host(body: str) -> str:
    _, _, after = body.partition(f'"{HOST}": [')
    return after.partition("]")[0]


def _group(group: tuple[str, str, str]) -> dict[str, Any]:
    fields, operators, sort = group
    return {"fields": _WORD.findall(fields), "operators": _WORD.findall(operators), "sort": sort}


if __name__ == "__main__":
    json.dump([facts(Path(folder)) for folder in sys.argv[1:]], sys.stdout, indent=1)
    print()
