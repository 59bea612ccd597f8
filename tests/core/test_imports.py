"""Looking at a page must not cost the loading of numerical libraries."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_importing_the_core_loads_no_numerical_library():
    names = sorted(path.stem for path in (ROOT / "dsmr" / "core").glob("[!_]*.py"))
    lines = [f"import dsmr.core.{name}" for name in names]
    lines.append("import sys; print(sorted({'numpy', 'scipy', 'pandas'} & set(sys.modules)))")
    done = subprocess.run(
        [sys.executable, "-c", "\n".join(lines)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "[]"
