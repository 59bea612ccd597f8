"""Answers: what one recipe said, beside another, down to prompt, passages, tokens and scores."""

import streamlit as st

from dsmr.core.run import Answer, Run
from dsmr.store.queue import Progress
from dsmr.ui import sidebyside
from dsmr.ui.navigation import link
from dsmr.ui.parts import empty, pick
from dsmr.ui.sidebyside import ALONE, OUTCOMES, Pair
from dsmr.ui.state import Desk, open_page
from dsmr.ui.words import (
    GLOSSARY,
    KIND_NAMES,
    METRIC_NAMES,
    STATE_NAMES,
    count,
    plain,
    span,
    when,
)  # fmt: skip

LEAD = "Read what was said. Figures are only as good as the answers behind them."
NOBODY = ""


def choose(desk: Desk) -> tuple[Run, Run | None] | None:
    """The run to read and the one beside it, in the address so that it can be shared."""
    wanted = {st.query_params.get("run"), st.query_params.get("against")}
    runs = {
        run.id: run
        for run in reversed(desk.store.runs.all(desk.project.id))
        if run.purpose == "compare" or run.id in wanted
    }
    if not runs:
        return None
    created = desk.store.runs.created(desk.project.id)
    states = {p.run_id: p for p in desk.store.queue.progress(desk.project.id)}

    def name(run_id: str) -> str:
        if not run_id:
            return "Nothing"
        return _name(runs[run_id], created[run_id], states[run_id])

    done = next((i for i in runs if states[i].state == "done"), None)
    left, right = st.columns(2, gap="large")
    run_id = left.selectbox(
        "Run", list(runs), _index(list(runs), "run", done), format_func=name, key="answers_run",
        help=GLOSSARY["run"],
    )  # fmt: skip
    alike = [i for i in runs if runs[i].evalset_id == runs[run_id].evalset_id and i != run_id]
    others = [NOBODY, *alike]
    against = right.selectbox(
        "Beside", others, _index(others, "against"), format_func=name,
        key=f"answers_against_{run_id}", help=GLOSSARY["against"] + " Same questions only.",
    )  # fmt: skip
    _remember(run=run_id, against=against or None)
    return runs[run_id], runs.get(against or "")


def _name(run: Run, created: float, progress: Progress) -> str:
    state = "" if progress.state == "done" else f" · {STATE_NAMES[progress.state].lower()}"
    return f"{run.recipe.name} · {when(created)}{state}"


def _index(options: list[str], parameter: str, default: str | None = None) -> int:
    wanted = st.query_params.get(parameter) or default or ""
    wanted = wanted if wanted in options else default
    return options.index(wanted) if wanted in options else 0


def _remember(**query: str | None) -> None:
    for name, value in query.items():
        if value is None:
            st.query_params.pop(name, None)
        elif st.query_params.get(name) != value:
            st.query_params[name] = value


def narrow(found: list[Pair], compared: bool, metric: str) -> list[Pair]:
    names = OUTCOMES if compared else ALONE
    numbers = sidebyside.counts(found, compared, metric)
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    outcome = left.segmented_control(
        "Show", list(names), default="all", required=True, key=f"outcome_{compared}",
        format_func=lambda o: f"{names[o]} {numbers[o]}", label_visibility="collapsed",
    )  # fmt: skip
    wanted = right.text_input(
        "Search", key="answer_search", placeholder="Search questions and replies",
        icon=":material/search:", label_visibility="collapsed",
    )  # fmt: skip
    return sidebyside.chosen(found, outcome or "all", compared, wanted, metric)


def listing(shown: list[Pair], run: Run, against: Run | None) -> str | None:
    """The table; returns the id of the question that was clicked."""
    frame = sidebyside.table(shown, run.recipe.name, against.recipe.name if against else None)
    score = st.column_config.NumberColumn(format="%.0f %%", width=80)
    event = st.dataframe(
        frame,
        hide_index=True,
        key=f"answers_table_{run.id}_{against.id if against else ''}_{len(shown)}",
        placeholder="–",
        height=min(430, 38 + 35 * len(shown)),
        on_select="rerun",
        selection_mode="single-cell",
        column_config={
            "Question": st.column_config.TextColumn(width=330),
            "Accepted": st.column_config.TextColumn(width=160),
            "Score": score,
            "Its score": score,
        },
    )
    cells = event.selection.cells
    row = int(cells[0][0]) if cells else -1
    return shown[row].question.id if 0 <= row < len(shown) else None


def one(desk: Desk, pair: Pair, run: Run, against: Run | None) -> None:
    """Everything about one question."""
    question = pair.question
    with st.container(border=True, gap="small"):
        labels = [KIND_NAMES[question.kind], *question.tags]
        st.caption(" · ".join(map(plain, labels)))
        st.text(question.text)
        st.caption("Accepted")
        st.text(" · ".join(question.accepted) or "Nothing: right is to say that it is not known")
        for source in question.sources:
            link("documents", source, document=source)
    both = pair.answer and pair.answer.reply and pair.other and pair.other.reply
    marked = sidebyside.diff(pair.other.reply.text, pair.answer.reply.text) if both else None
    if against is None:
        said(desk, run, pair.answer, None, question.id)
        return
    left, right = st.columns(2, gap="large")
    with left:
        said(desk, run, pair.answer, marked[1] if marked else None, question.id)
    with right:
        said(desk, against, pair.other, marked[0] if marked else None, question.id)


def said(desk: Desk, run: Run, answer: Answer | None, marked: str | None, question: str) -> None:
    """One reply with its scores, tokens, passages and prompt."""
    st.markdown(f"**{plain(run.recipe.name)}**")
    attempt = 0
    if run.recipe.tries > 1:
        st.caption(f"Asked {run.recipe.tries} times; scores in the table are means")
        attempt = st.pagination(run.recipe.tries, key=f"attempt_{run.id}_{question}") - 1
    if attempt:
        answer, marked = desk.store.runs.answer(run.id, question, attempt), None
    if answer is None:
        st.caption("Not asked yet.")
        return
    with st.container(border=True):
        if answer.reply is None:
            st.caption(f":material/error: No reply: {plain(answer.failure or 'unknown')}")
        elif marked is not None:
            st.markdown(marked)
        else:
            st.text(answer.reply.text or "(empty reply)")
    scores = sidebyside.score_notes(desk.store.runs.scores(run.id), question, attempt)
    told = [f"{plain(name)}: {sidebyside.rated(value)}" for name, value, _ in scores]
    st.caption(" · ".join(told) or "Not graded")
    for name, _, note in scores:
        if note and answer.reply is not None:
            st.caption(f"{plain(name)}: {plain(note)}")
    if answer.reply:
        st.caption(figures(answer), help=GLOSSARY["tokens"] + " " + GLOSSARY["cached tokens"])
    if answer.passages:
        with st.expander(f"{count(len(answer.passages), 'passage')} found"):
            for number, passage in enumerate(answer.passages, start=1):
                st.caption(f"{number} · {plain(passage.document)}")
                st.text(passage.text)
    with st.expander("Prompt"):
        for message in answer.messages:
            st.caption(message.role)
            st.code(message.content, language=None, wrap_lines=True)


def figures(answer: Answer) -> str:
    reply = answer.reply
    if reply is None:
        return ""
    tokens = reply.tokens
    parts = [f"{tokens.uncached_in:,} tokens read"]
    if tokens.cached_in:
        parts.append(f"{tokens.cached_in:,} cached")
    parts += [f"{tokens.out:,} written", span(reply.seconds)]
    if reply.truncated:
        parts.append("cut off at the longest reply allowed")
    if reply.repeated:
        parts.append("from the answer cache, figures of the first time")
    return " · ".join(parts)


def read(desk: Desk, run: Run, against: Run | None) -> None:
    metrics = sidebyside.metrics_asked(desk.store, run)
    metric = pick("metric", metrics, METRIC_NAMES, metrics[0])
    found = sidebyside.pairs(desk.store, run, against, metric)
    if not found:
        empty("No answer yet", "This run has not answered a question so far.", ("run", "Watch it"))
        return
    shown = narrow(found, against is not None, metric)
    if not shown:
        st.caption("No answer fits this filter.")
        return
    clicked = listing(shown, run, against)
    wanted = clicked or st.query_params.get("question")
    pair = next((p for p in found if p.question.id == wanted), None)
    if pair is None:
        st.caption("Click a row to see the whole answer, its prompt and its passages.")
        return
    _remember(question=pair.question.id)
    one(desk, pair, run, against)


with open_page("answers", LEAD) as desk:
    picked = choose(desk)
    if picked is None:
        empty(
            "No answers yet",
            "Run a recipe, and every single answer can be read here.",
            ("run", "Choose recipes and start"),
        )
    else:
        read(desk, *picked)
