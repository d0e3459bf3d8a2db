"""The site's own import, `import { attendance } from 'wix-bookings.v2'`, against `noshow serve`, as the page has it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.records import Make
from support.serves import serving_app

import pipeline
from pipeline.serving.app import attendance_api

PAGE = (Path(__file__).parents[2] / "pipeline" / "serve.md").read_text(encoding="utf-8")
FILES = dict(re.findall(r"```js\n// (\S+)\n(.*?)```", PAGE, re.DOTALL))
TOKEN = "sesame-street"
# The package of attendance alone, which `@wix/bookings` gives out as it is: 18 MB with its client instead of 438.
PACKAGES = ("@wix/sdk", "@wix/auto_sdk_bookings_attendance")
REEXPORTED = "export * as attendance from '@wix/auto_sdk_bookings_attendance';"
# The parts of the SDK that the example uses: a client that calls the API's host, found in the global.
STAND_INS = {
    "@wix/sdk": """
export const ApiKeyStrategy = ({ apiKey }) => ({ apiKey });
export const createClient = ({ auth }) => ({
  post: async (path, body) => (await fetch(`https://www.wixapis.com/bookings/v2/attendance/${path}`, {
    method: 'POST', body: JSON.stringify(body),
    headers: { 'Content-Type': 'application/json', Authorization: auth.apiKey },
  })).json(),
});
""",
    "wix-bookings.v2": """
const post = (path, body) => globalThis.__wix_context__.client.post(path, body);
export const attendance = {
  countAttendances: (body) => post('count', body),
  queryAttendance: () => ({ eq: (name, value) => ({ limit: (limit) => ({ find: async () => ({
    items: (await post('query', { query: { filter: { [name]: value }, cursorPaging: { limit } } })).attendances,
  }) }) }) }),
};
""",
}


@pytest.fixture
def address(tmp_path: Path, make: type[Make]) -> Iterator[str]:
    """The address of a server over three attended and four missed bookings."""
    records = [make.booking(number) for number in range(1, 8)]
    records += [make.attendance(number, "ATTENDED" if number < 4 else "NOT_ATTENDED") for number in range(1, 8)]
    (tmp_path / "records.ndjson").write_text("\n".join(map(json.dumps, records)), encoding="utf-8")
    with pipeline.open_store(tmp_path / "attendance.duckdb") as store:
        pipeline.ingest(store, [tmp_path / "records.ndjson"])
    settings = pipeline.Settings.model_validate({})
    app = attendance_api(tmp_path / "attendance.duckdb", settings, TOKEN, lambda _: None, False)
    with serving_app(app) as port:
        yield f"http://127.0.0.1:{port}"


def ran(folder: Path, address: str) -> dict[str, Any]:
    """The output of the page's example in a folder that has its packages."""
    node = shutil.which("node")
    assert node
    for name, text in FILES.items():
        (folder / name).write_text(text, encoding="utf-8")
    env = os.environ | {"NOSHOW_URL": address, "NOSHOW_TOKEN": TOKEN}
    done = subprocess.run([node, "marks.mjs"], cwd=folder, env=env, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    printed: dict[str, Any] = json.loads(done.stdout)
    return printed


def package(folder: Path, name: str, text: str) -> None:
    home = folder / "node_modules" / name
    home.mkdir(parents=True)
    (home / "package.json").write_text(json.dumps({"name": name, "type": "module", "exports": "./index.mjs"}))
    (home / "index.mjs").write_text(text, encoding="utf-8")


needs_node = pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")


@needs_node
def test_the_example_of_the_page_reaches_the_server(tmp_path: Path, address: str) -> None:
    for name, text in STAND_INS.items():
        package(tmp_path, name, text)
    assert ran(tmp_path, address) == {"shown": ["NOT_ATTENDED"] * 3, "count": 4}


@needs_node
@pytest.mark.long
def test_the_example_of_the_page_runs_with_the_sdk_itself(tmp_path: Path, address: str) -> None:
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("npm is not installed")
    options = ("--no-audit", "--no-fund", "--ignore-scripts")
    command = [npm, "install", *options, *PACKAGES]
    if subprocess.run(command, cwd=tmp_path, capture_output=True, timeout=120, check=False).returncode:
        pytest.skip("the SDK cannot be fetched here")
    package(tmp_path, "wix-bookings.v2", REEXPORTED)
    assert ran(tmp_path, address) == {"shown": ["NOT_ATTENDED"] * 3, "count": 4}
