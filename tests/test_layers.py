"""The import rule, as a test: each layer may import those named beside it, and itself."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

MIDDLE = {"ingest", "engines", "retrieval", "training", "store", "market", "charts"}
MAY_IMPORT = {
    "core": set(),
    **{room: {"core"} for room in MIDDLE},
    "training": {"core", "engines"},  # a model is opened the same way to train and to answer
    "work": {"core"} | MIDDLE - {"charts"},
    "report": {"core", "work", "charts", "market", "store"},
    "ui": {"core", "work", "charts", "report"} | MIDDLE,
    "commands": {"core", "work", "report", "ingest", "store", "market", "engines"},
    "__main__": {"core", "commands"},
}
ROOT = Path(__file__).resolve().parents[1]


def files_of(layer):
    return [*(ROOT / "dsmr").glob(f"{layer}.py"), *(ROOT / "dsmr" / layer).rglob("*.py")]


def imports(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, []) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module, [alias.name for alias in node.names]


def rooms(module, names):
    parts = (module or "").split(".")
    if parts[0] != "dsmr":
        return set()
    if len(parts) > 1:
        return {parts[1]}
    return {name for name in names if not name.startswith("__version")}


@pytest.mark.parametrize("layer", MAY_IMPORT)
def test_layers_point_one_way(layer):
    allowed = MAY_IMPORT[layer] | {layer}
    wrong = [
        f"{path.relative_to(ROOT)} imports {module}"
        for path in files_of(layer)
        for module, names in imports(path)
        if rooms(module, names) - allowed
    ]
    assert not wrong


def test_only_the_pages_know_streamlit():
    wrong = [
        path.relative_to(ROOT)
        for path in (ROOT / "dsmr").rglob("*.py")
        if "ui" not in path.relative_to(ROOT).parts
        and any(module and module.split(".")[0] == "streamlit" for module, _ in imports(path))
    ]
    assert not wrong


def test_every_room_is_in_the_rule():
    found = {p.stem for p in (ROOT / "dsmr").iterdir() if p.suffix == ".py" or p.is_dir()}
    assert found - {"__init__", "__pycache__"} <= set(MAY_IMPORT)


def test_page_side_imports_are_light():
    code = (
        "import dsmr.work.jobs, dsmr.work.results, dsmr.work.estimate, dsmr.work.sample, sys;"
        "print(*sys.modules)"
    )
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert loaded.returncode == 0, loaded.stderr
    heavy = {
        "streamlit",
        "torch",
        "transformers",
        "pandas",
        "lancedb",
        "scipy",
        "openai",
        "pyarrow",
    }
    assert not heavy & set(loaded.stdout.split())
