"""`python -m dsmr`: the same powers without the browser, status 0 or 2 with one clear line."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from dsmr.__main__ import main
from dsmr.store.records import open_store

ROOT = Path(__file__).resolve().parents[1]
QUESTIONS = """id,question,answer,source,kind,split
a,What does Titan orbit?,Saturn,titan.md,fact,test
b,What does Europa orbit?,Jupiter,europa.md,fact,test
c,What does Io orbit?,Jupiter,io.md,fact,train
d,Who painted Io?,,,unanswerable,test
"""


@pytest.fixture
def files(tmp_path):
    folder = tmp_path / "docs"
    folder.mkdir()
    for moon, planet in (("titan", "Saturn"), ("europa", "Jupiter"), ("io", "Jupiter")):
        (folder / f"{moon}.md").write_text(f"{moon.title()} orbits {planet}")
    (tmp_path / "q.csv").write_text(QUESTIONS)
    return tmp_path


def compare(files, *more, out="out.json"):
    return main(
        ["compare", "--documents", str(files / "docs"), "--questions", str(files / "q.csv"),
         "--home", str(files / "home"), "--json", str(files / out), *more]
    )  # fmt: skip


def written(files, out="out.json"):
    return json.loads((files / out).read_text())


def test_compare_prints_a_table_and_writes_what_it_promises(files, capsys):
    assert compare(files, "--recipes", "baseline,rag", "--model", "scripted/quote") == 0
    table = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in table] == ["recipe", "baseline", "rag"]
    found = written(files)
    assert found["evalset"]["questions"] == 4
    assert found["evalset"]["splits"] == {"train": 1, "dev": 0, "test": 3}
    for run in found["runs"]:
        assert {"recipe", "settings", "n", "missing", "seconds", "metrics", "retrieval", "tokens",
                "usd", "latency"} <= run.keys()  # fmt: skip
        for metric in ("contains", "exact", "f1"):
            assert run["metrics"][metric].keys() == {"mean", "low", "high", "n", "missing"}
        assert run["tokens"].keys() == {"in", "cached_in", "out"}
        assert {"per_mtok", "per_1k_questions", "training"} <= run["usd"].keys()
        assert run["latency"].keys() == {"p50", "p95", "ttft_p50", "n"}
    bare, rag = found["runs"]
    assert bare["retrieval"]["recall_at_k"] is None
    assert rag["retrieval"]["recall_at_k"] == 1.0
    one = next(c for c in found["comparisons"] if c["metric"] == "contains")
    assert {"baseline", "candidate", "metric", "difference", "low", "high", "p_value",
            "verdict"} <= one.keys()  # fmt: skip
    assert (one["baseline"], one["candidate"]) == ("baseline", "rag")


def test_the_same_command_again_starts_a_new_run_answered_from_memory(files):
    for out in ("one.json", "two.json"):
        arguments = ("--recipes", "baseline", "--model", "scripted/echo")
        assert compare(files, *arguments, out=out) == 0
    one, two = written(files, "one.json")["runs"][0], written(files, "two.json")["runs"][0]
    assert one["run"] != two["run"]
    assert one["metrics"] == two["metrics"]
    assert one["tokens"] == two["tokens"]
    assert two["usd"]["spent"] == 0


def test_a_killed_compare_goes_on_where_it_was(files):
    rows = ["id,question,answer", *(f"q{i},Question {i}?,x" for i in range(60))]
    (files / "q.csv").write_text("\n".join(rows))
    command = [sys.executable, "-m", "dsmr", "compare", "--questions", str(files / "q.csv"),
               "--home", str(files / "home"), "--recipes", "baseline", "--split", "all",
               "--model", "scripted/slow:0.05", "--json", str(files / "out.json")]  # fmt: skip
    first = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL)
    store = open_store(files / "home")

    def answered():
        return [len(store.runs.answered(p.run_id)) for p in store.queue.progress()]

    until = time.monotonic() + 60
    while not any(n >= 10 for n in answered()):
        assert time.monotonic() < until
        time.sleep(0.1)
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    assert subprocess.run(command, cwd=ROOT, capture_output=True).returncode == 0
    assert answered() == [60]  # one run, not two


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--recipes", "rug"], "recipe 'rug': there is no such recipe"),
        (["--limit", "0"], "'0' is not a whole number above 0"),
        (["--model", "http://127.0.0.1:9/v1"], "it is not said which model"),
        (["--model", "no/such folder", "--recipes", "baseline"], "no/such folder"),
        (["--split", "dev"], "no question is in the dev split"),
        (["--documents", "nowhere"], "nowhere: it does not exist"),
        (["--no-such-option"], "unrecognized arguments"),
    ],
)
def test_what_cannot_be_done_ends_with_2_and_one_clear_line(files, capsys, arguments, says):
    try:
        status = compare(files, *arguments)
    except SystemExit as stop:
        status = stop.code
    last = capsys.readouterr().err.strip().splitlines()[-1]
    assert status == 2
    assert last.startswith("dsmr: ")
    assert says in last


def test_all_leaves_out_what_the_data_cannot_carry(tmp_path, capsys):
    (tmp_path / "q.csv").write_text("question,answer,split\nWhat?,it,test\n")
    arguments = ["--questions", str(tmp_path / "q.csv"), "--home", str(tmp_path / "h"),
                 "--model", "scripted/echo"]  # fmt: skip
    assert main(["compare", *arguments]) == 0
    said = capsys.readouterr()
    assert [line.split()[0] for line in said.out.splitlines()] == ["recipe", "baseline", "prompt"]
    assert "left out rag, which needs documents" in said.err


def test_bad_rows_are_named_and_the_good_ones_run(files, capsys):
    with (files / "q.csv").open("a") as more:
        more.write("e,,Saturn,titan.md,fact,test\n")
    assert compare(files, "--recipes", "baseline", "--model", "scripted/echo") == 0
    assert "q.csv" in capsys.readouterr().err
    assert written(files)["runs"][0]["n"] == 3


def test_ingest_then_runs(files, capsys):
    home = ["--home", str(files / "home")]
    data = ["--documents", str(files / "docs"), "--questions", str(files / "q.csv")]
    assert main(["ingest", *home, *data, "--project", "moons"]) == 0
    assert "3 documents, 4 questions" in capsys.readouterr().out
    arguments = ["--project", "moons", "--recipes", "baseline", "--model", "scripted/echo"]
    assert main(["compare", *home, *arguments]) == 0
    capsys.readouterr()
    assert main(["runs", *home]) == 0
    assert "baseline" in capsys.readouterr().out


def test_a_project_that_is_not_there_is_not_made_by_naming_it(tmp_path, capsys):
    home = str(tmp_path / "home")
    assert main(["compare", "--home", home, "--project", "nobody", "--recipes", "baseline"]) == 2
    assert "project 'nobody': it does not exist" in capsys.readouterr().err
    assert open_store(home).projects.all() == []


def test_a_plain_file_in_place_of_the_home_is_told_in_one_line(tmp_path, capsys):
    (tmp_path / "file").write_text("x")
    assert main(["runs", "--home", str(tmp_path / "file")]) == 2
    assert capsys.readouterr().err.startswith("dsmr: ")
