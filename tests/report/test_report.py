"""The report is one file that needs nothing, says everything, and runs no user's text."""

import csv
import io
import json
import os
import re
import shutil

import pytest

from dsmr.__main__ import main
from dsmr.core.data import Document, Question
from dsmr.core.errors import InputError
from dsmr.core.recipe import Model, Recipe, Retrieval, Shots
from dsmr.report import as_csv, as_jsonl, make_report
from dsmr.report.file import MOST_BYTES
from dsmr.store.records import Store
from dsmr.work import jobs, kshot
from dsmr.work.results import latest, results

CHROME = os.environ.get("DSMR_CHROME") or shutil.which("chromium") or shutil.which("google-chrome")
EVIL = "<script>document.title='owned'</script><img src=x onerror=alert(1)>"
BASE = Recipe(f"baseline {EVIL}", Model("scripted/echo"), instruction="Answer.")
SHOWN = Recipe("few-shot", Model("scripted/shots"), instruction="Answer.", shots=Shots(2))
FOUND = Recipe("rag", Model("scripted/quote"), retrieval=Retrieval(mode="keyword", top_k=1))


@pytest.fixture(scope="module")
def room(tmp_path_factory):
    """A store with one project, for the tests that only read."""
    return Store(tmp_path_factory.mktemp("room"))


@pytest.fixture(scope="module")
def told(room):
    """A project whose every name and text tries to be markup."""
    store = room
    made = store.projects.add(f"moons {EVIL}", description=EVIL)
    moons = [(f"Moon{n}", ("Mars", "Saturn")[n % 2]) for n in range(30)]
    store.projects.put_documents(
        made.id, [Document(f"{m} {EVIL}.md", f"{m} orbits {p} {EVIL}") for m, p in moons]
    )
    store.projects.put_questions(
        made.id,
        [Question(f"q{n}", f"What does {m} orbit? {EVIL}", (p, EVIL),
                  split="test" if n < 20 else "train") for n, (m, p) in enumerate(moons)],
    )  # fmt: skip
    for recipe in (BASE, SHOWN, FOUND, Recipe("flaky", Model("scripted/flaky"))):
        jobs.submit(store, made.id, recipe)
    jobs.submit(store, made.id, Recipe(f"broken {EVIL}", Model("scripted/nothing")))
    kshot.submit(store, made.id, kshot.Plan(SHOWN, (0, 1, 2, 4)))
    jobs.work_all(store)
    return made


@pytest.fixture(scope="module")
def html(room, told):
    return make_report(room, told.id)


def body(html):
    """Without the library's own code."""
    return re.sub(r"<script>.*?</script>", "", html, flags=re.DOTALL)


def test_there_is_no_report_without_a_graded_run(store, project):
    with pytest.raises(InputError, match="no run has finished"):
        make_report(store, project.id)


def test_it_is_one_file_below_its_limit_with_every_part(html):
    assert len(html.encode()) < MOST_BYTES < 6_000_000
    for part in (
        "Leaderboard",
        "Method",
        "Settings and provenance",
        "Failures",
        "Appendix",
        "Break-even",
        "Would tuning help?",
        "The market",
        "Published evidence",
    ):
        assert f">{part}</h2>" in html  # fmt: skip
    assert html.count("data-plot=") >= 8
    assert "prefers-color-scheme: dark" in html and "@media print" in html


def test_it_says_the_verdict_the_numbers_and_what_failed(html):
    text = body(html)
    assert 'class="verdict"' in text
    assert "the server was busy" in text and "no such script" in text
    assert "Nobody has marked questions as read yet" in text
    assert "TREC" in text.upper()
    assert "Really spent" in text and "List cost" in text


def test_every_sentence_of_the_verdict_leads_to_its_figures(html):
    from dsmr.report.file import ANCHORS
    from dsmr.ui.advice import SEE

    assert ANCHORS.keys() == SEE.keys()
    linked = set(re.findall(r'class="see" href="#([^"]+)"', html))
    assert linked and linked <= set(re.findall(r' id="([^"]+)"', html))


def test_it_asks_for_nothing_outside(html):
    text = body(html)
    assert not re.findall(r"""(?:src|href)\s*=\s*["'](?!#)""", text)
    assert "default-src 'none'" in text


def test_no_text_of_a_user_becomes_markup(html):
    assert EVIL not in html
    text = body(html)
    assert "<img" not in text
    assert "&lt;script&gt;document.title" in text
    for figure in re.findall(r'data-plot="[^"]+">(.*?)</script>', html, flags=re.DOTALL):
        assert "<" not in figure
        json.loads(figure)


@pytest.mark.skipif(not CHROME, reason="no Chromium here; tests/chromium.sh installs it")
def test_a_browser_without_a_network_draws_every_chart_and_runs_nothing_else(html, tmp_path):
    from playwright.sync_api import sync_playwright

    file, asked, wrong = tmp_path / "report.html", [], []
    file.write_text(html, encoding="utf-8")
    flags = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
    with sync_playwright() as player:
        browser = player.chromium.launch(executable_path=CHROME, args=flags)
        page = browser.new_page(viewport={"width": 1100, "height": 900}, color_scheme="dark")
        page.on("request", lambda r: asked.append(r.url))
        page.on("pageerror", lambda e: wrong.append(str(e)))
        page.on("console", lambda m: wrong.append(m.text) if m.type == "error" else None)
        page.goto(file.as_uri())
        page.wait_for_function(
            "document.querySelectorAll('.plot .main-svg').length >="
            "document.querySelectorAll('.plot').length", timeout=30_000,
        )  # fmt: skip
        title, drawn = page.title(), page.locator(".js-plotly-plot").count()
        ink = page.evaluate("document.querySelector('.plot').layout.font.color")
        paper = page.pdf(format="A4")
        browser.close()
    assert [url for url in asked if not url.startswith(("file:", "data:", "blob:"))] == []
    assert wrong == []
    assert title != "owned" and title.startswith("moons")
    assert drawn == html.count("data-plot=")
    assert ink == "#e6e7ea"
    assert paper.startswith(b"%PDF")


def rows_of(store, project):
    return latest(results(store, project.id))


def test_answers_as_json_lines_keep_missing_apart_from_wrong(room, told):
    lines = [json.loads(line) for line in as_jsonl(room, rows_of(room, told)).splitlines()]
    assert len(lines) == 80
    failed = [line for line in lines if line["failure"]]
    assert failed and all(line["contains"] is None and line["reply"] is None for line in failed)
    right = [line for line in lines if line["recipe"] == "rag"]
    assert all(line["contains"] == 1.0 and line["tokens_in"] > 0 for line in right)


def test_answers_as_csv_are_no_formulas(store, project):
    texts = ["=1+1", "@SUM(A1)", "+cmd", "-2", "-x"]
    store.projects.put_questions(
        project.id, [Question(f"e{n}", text, ("x",)) for n, text in enumerate(texts)]
    )
    jobs.submit(store, project.id, Recipe("echo", Model("scripted/echo")))
    jobs.work_all(store)
    rows = list(csv.DictReader(io.StringIO(as_csv(store, rows_of(store, project)))))
    said = {row["question_id"]: row["question"] for row in rows}
    assert [said[f"e{n}"] for n in range(5)] == ["'=1+1", "'@SUM(A1)", "'+cmd", "-2", "'-x"]


def test_the_command_line_writes_the_same_files(room, told, tmp_path, capsys):
    out, answers = tmp_path / "deep" / "r.html", tmp_path / "a.jsonl"
    call = ["report", "--home", str(room.home), "--out", str(out), "--answers", str(answers)]
    assert main(call) == 0
    assert "MB" in capsys.readouterr().out
    assert out.stat().st_size < MOST_BYTES
    assert len(answers.read_text(encoding="utf-8").splitlines()) == 80


@pytest.mark.parametrize(
    ("more", "says"),
    [(["--project", "gone"], "no such project"), (["--answers", "x.pdf"], ".csv or .jsonl")],
)
def test_the_command_line_says_what_is_wrong(store, project, capsys, more, says):
    assert main(["report", "--home", str(store.home), "--out", "never.html", *more]) == 2
    assert says in capsys.readouterr().err
