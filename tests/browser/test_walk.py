"""A person in a real browser: from two files to three charts to one answer, and what may go wrong."""

import os
import signal
import time

import pytest

from dsmr.core.data import Document, Question
from dsmr.core.recipe import Model, preset
from dsmr.store.records import Store
from dsmr.work import jobs

playwright = pytest.importorskip("playwright.sync_api")
expect = playwright.expect
PATIENCE = 120_000  # milliseconds; the machine may be busy
expect.set_options(timeout=PATIENCE)

DOCUMENTS = [
    (
        "harbour.md",
        "# Harbour office\n\nThe harbour master is Ines Calder. The office opens at 7:30.",
    ),
    ("ferry.txt", "The ferry Petrel leaves from pier four. A day ticket costs 12 crowns."),
]
QUESTIONS = (
    "question,answer,source,split\n"
    "Who is the harbour master?,Ines Calder,harbour.md,test\n"
    "When does the office open?,7:30,harbour.md,test\n"
    "From which pier does the Petrel leave?,pier four | four,ferry.txt,test\n"
    "What is the harbour master called?,Ines Calder,harbour.md,train\n"
    "What does a day ticket cost?,12 crowns,ferry.txt,train\n"
)


def files(*named):
    return [
        {"name": name, "mimeType": "text/plain", "buffer": text.encode()} for name, text in named
    ]


def heading(page, name):
    expect(page.get_by_role("heading", name=name, exact=True, level=1)).to_be_visible()


def go(page, name):
    """Click until the page is there: while the sidebar is drawn again, a link may feel no click,
    and for a moment the old one stands beside the new.
    """
    links = page.get_by_test_id("stSidebar").get_by_role("link", name=name, exact=True)
    there = page.get_by_role("heading", name=name, exact=True, level=1)
    for _ in range(6):
        try:
            links.last.click(timeout=10_000)
            there.wait_for(timeout=10_000)
            break
        except playwright.TimeoutError:
            continue
    heading(page, name)


def finished(store, count):
    deadline = time.monotonic() + PATIENCE / 1000
    while time.monotonic() < deadline:
        states = [p.state for p in store.queue.progress()]
        if states.count("done") == count:
            return
        assert "failed" not in states, [p.error for p in store.queue.progress()]
        time.sleep(0.5)
    raise TimeoutError(states)


def open_first_mark(page, plot):
    """Click until it leads on: a figure that is still being drawn does not feel a click."""
    for _ in range(5):
        plot.locator(".points path").first.click(force=True)
        try:
            page.wait_for_url("**/answers?**", timeout=8_000)
            break
        except playwright.TimeoutError:
            continue
    heading(page, "Answers")


@pytest.fixture
def moored(store):
    """The harbour project, put into the store as an upload would."""
    project = store.projects.add("Harbour")
    store.projects.put_documents(project.id, [Document(n, t) for n, t in DOCUMENTS])
    asked = [("Who is the harbour master?", "Ines Calder"), ("When does it open?", "7:30")] * 10
    store.projects.put_questions(
        project.id, [Question(f"q{i}", q, (a,)) for i, (q, a) in enumerate(asked)]
    )
    return project


def test_from_two_files_to_three_charts_to_one_answer(serve, browser, home):
    page, server = browser(), serve()
    started = time.monotonic()
    page.goto(server.url())
    expect(page.get_by_text("Start with a project")).to_be_visible()
    assert time.monotonic() - started < 30  # a busy machine; alone it takes 2 s
    page.get_by_label("Name").fill("Harbour")
    page.get_by_role("button", name="Create project").click()
    expect(page.get_by_text("Should we fine-tune?")).to_be_visible()

    go(page, "Documents")
    page.locator("input[type=file]").set_input_files(files(*DOCUMENTS))
    expect(page.get_by_text("Read 2 documents")).to_be_visible()
    go(page, "Questions")
    page.locator("input[type=file]").set_input_files(files(("questions.csv", QUESTIONS)))
    expect(page.get_by_text("Read 5 questions")).to_be_visible()

    go(page, "Run")
    for number, recipe in enumerate(("rag", "fine-tuned"), start=2):  # the baseline is ticked
        page.get_by_text(recipe, exact=True).click()
        expect(page.get_by_role("button", name=f"Start {number} runs")).to_be_visible()
    page.get_by_role("button", name="Start 3 runs").click()
    expect(page.get_by_text("Going on", exact=True)).to_be_visible()
    store = Store(home)
    finished(store, 3)
    assert [r.recipe.name for r in store.runs.all(store.projects.all()[0].id)] == [
        "baseline", "rag", "fine-tuned",
    ]  # fmt: skip
    expect(page.get_by_text("Going on", exact=True)).to_be_hidden()

    go(page, "Results")
    for chart in ("Accuracy", "Cost", "Latency"):
        expect(page.get_by_role("heading", name=chart, exact=True)).to_be_visible()
    plots = page.locator(".js-plotly-plot")
    expect(plots.nth(3)).to_be_visible()
    open_first_mark(page, plots.first)
    assert "run=" in page.url
    page.goto(f"{page.url}&question={store.projects.questions(store.projects.all()[0].id)[0].id}")
    expect(page.get_by_text("tokens read").first).to_be_visible()


def test_a_shared_address_opens_on_a_server_nobody_has_visited(serve, browser, store, moored):
    run_id = jobs.submit(store, moored.id, preset("baseline", Model("scripted/quote")))
    jobs.work_all(store)
    page, server = browser(), serve()
    page.goto(server.url(f"answers?project={moored.id}&run={run_id}&question=q1"))
    heading(page, "Answers")
    expect(page.get_by_text("tokens read").first).to_be_visible()
    go(page, "Results")
    expect(page.locator(".js-plotly-plot").first).to_be_visible()


def test_two_people_at_once_see_the_same_run(serve, browser, store, moored):
    server = serve()
    one, other = browser(), browser("dark")
    for page in (one, other):
        page.goto(server.url("run"))
        heading(page, "Run")
    one.get_by_role("button", name="Start 1 run").click()
    expect(one.get_by_text("Going on", exact=True)).to_be_visible()
    other.reload()
    heading(other, "Run")
    finished(store, 1)
    for page in (one, other):
        expect(page.get_by_role("button", name="Answers")).to_be_visible()


def test_a_killed_worker_is_replaced_and_nothing_is_asked_twice(serve, browser, store, moored):
    slow = preset("baseline", Model("scripted/slow:0.5"))
    run_id = jobs.submit(store, moored.id, slow)
    page, server = browser(), serve()
    page.goto(server.url("run"))
    expect(page.get_by_text("Going on", exact=True)).to_be_visible()
    before = answered_at_least(store, run_id, 3)
    worker = int(store.queue.owners()[0].split(":")[1])
    os.kill(worker, signal.SIGKILL)
    finished(store, 1)
    assert store.queue.progress()[0].attempt == 2
    after = store.runs.answers(run_id)
    assert len(after) == 20 and {k: after[k] for k in before} == before
    expect(page.get_by_text("2 attempts")).to_be_visible()


def answered_at_least(store, run_id, count):
    deadline = time.monotonic() + PATIENCE / 1000
    while time.monotonic() < deadline:
        found = store.runs.answers(run_id)
        if len(found) >= count:
            return found
        time.sleep(0.1)
    raise TimeoutError("no answers")


def test_a_closed_browser_and_a_killed_server_lose_nothing(serve, browser, store, moored):
    run_id = jobs.submit(store, moored.id, preset("baseline", Model("scripted/slow:0.3")))
    page, server = browser(), serve()
    page.goto(server.url("run"))
    expect(page.get_by_text("Going on", exact=True)).to_be_visible()
    answered_at_least(store, run_id, 1)
    page.goto("about:blank")
    server.stop()
    finished(store, 1)
    assert len(store.runs.answers(run_id)) == 20


def test_questions_can_be_taken_home(serve, browser, moored):
    page, server = browser(), serve()
    page.goto(server.url("questions"))
    heading(page, "Questions")
    with page.expect_download() as taken:
        page.get_by_role("button", name="Download JSON lines").click()
    assert len(taken.value.path().read_text().splitlines()) == 20
