"""Results: which recipe is right how often, at what price, how fast, and whether we can tell."""

import streamlit as st

from dsmr.charts import COLOURS
from dsmr.ui import boards, findings
from dsmr.ui.evidence import FACTS, FORM, Board, board, metrics_in, project_results
from dsmr.ui.navigation import go, link
from dsmr.ui.parts import empty, pick, show_chart
from dsmr.ui.state import Desk, open_page
from dsmr.ui.words import GLOSSARY, METRIC_NAMES, count, explain, plain
from dsmr.work.results import latest, pricing

LEAD = "The newest run of each recipe on the same questions. Click a row or a mark to read answers."
NUMBERS = {
    "Mean": st.column_config.NumberColumn(format="%.0f %%", help=GLOSSARY["accuracy"]),
    "95 % interval": st.column_config.TextColumn(alignment="right", help=GLOSSARY["interval"]),
    "Questions": st.column_config.NumberColumn("n", help="Questions graded."),
    "Missing": st.column_config.NumberColumn(help=GLOSSARY["missing"]),
    "Difference": st.column_config.NumberColumn(
        "Points", format="%+.0f", help=GLOSSARY["difference"]
    ),
    "Between": st.column_config.TextColumn(
        alignment="right", help="The difference lies here 95 times out of 100."
    ),
    "Won : lost": st.column_config.TextColumn(
        alignment="right", help="Questions on which it did better, and worse, than the baseline."
    ),
    "p": st.column_config.NumberColumn(format="%.3f", help=GLOSSARY["p-value"]),
    "Verdict": st.column_config.TextColumn(
        help="“cannot tell”: the difference is inside the noise."
    ),
    "USD per 1,000": st.column_config.NumberColumn(
        format="$%.4f", help=GLOSSARY["cost per 1,000 questions"]
    ),
    "Median seconds": st.column_config.NumberColumn(
        "Median", format="%.2f s", help=GLOSSARY["p50"]
    ),
}


def table(made: Board) -> None:
    """The leaderboard; a click on a row opens that recipe's answers."""
    columns = {
        "Recipe": st.column_config.TextColumn(help=GLOSSARY["recipe"]),
        "Technique": st.column_config.MultiselectColumn(
            options=list(COLOURS), color=list(COLOURS.values())
        ),
        **NUMBERS,
    }
    event = st.dataframe(
        boards.leaderboard(made),
        hide_index=True,
        key=f"leaderboard_{made.metric}",
        height="content",
        placeholder="–",
        column_config=columns,
        on_select="rerun",
        selection_mode="single-cell",
    )
    cells = event.selection.cells
    if cells:
        open_answers(made, made.ranked[int(cells[0][0])].run.id)


def open_answers(made: Board, run_id: str) -> None:
    against = made.baseline.run.id if made.baseline else ""
    query = {"against": against} if against and against != run_id else {}
    go("answers", run=run_id, metric=made.metric, **query)


def notes(made: Board) -> None:
    doubts = findings.uncertain(made)
    if doubts:
        with st.expander(f"{count(len(doubts), 'difference')} inside the noise"):
            for doubt in doubts:
                st.caption(plain(doubt))
    if made.left_out:
        st.caption(
            f"{count(made.left_out, 'older run')} on other data or questions not shown here; "
            "History has them all."
        )


def charts(desk: Desk, made: Board, both: tuple[Board, Board] | None) -> None:
    def clicked(run_id: str) -> None:
        open_answers(made, run_id)

    st.subheader("Accuracy", anchor=False, help=explain("accuracy", "interval"))
    show_chart(boards.accuracy_chart(made), "accuracy", clicked)

    st.subheader("Cost", anchor=False, help=explain("cost", "cost per million tokens", "tokens"))
    costs = boards.cost_charts(made)
    if costs:
        left, right = st.columns(2, gap="large")
        with left:
            show_chart(costs[0], "cost_per_1000", clicked)
        with right:
            show_chart(costs[1], "cost_per_mtok", clicked)
        st.caption(plain(boards.how_priced(pricing(desk.store), made)))
    else:
        st.caption("No price is known for these models. Settings is the place to enter one.")

    st.subheader("Latency", anchor=False, help=explain("latency", "p50", "p95", "ttft"))
    timed = boards.latency_chart(made)
    if timed:
        show_chart(timed, "latency", clicked)
    else:
        st.caption("Latency was not measured in these runs.")

    st.subheader("What it takes", anchor=False, help=explain("pareto", "form", "fact"))
    left, right = st.columns(2, gap="large")
    trade = boards.pareto_chart(made)
    if trade:
        with left:
            show_chart(trade, "pareto", clicked)
    mapped = boards.map_chart(*both) if both else None
    with right:
        if mapped:
            show_chart(mapped, "form_facts", clicked)
        else:
            st.caption(
                "The form–facts map needs questions that ask for facts and questions that ask "
                "for a form."
            )


def details(desk: Desk, made: Board) -> None:
    def clicked(run_id: str) -> None:
        open_answers(made, run_id)

    found = boards.recall_chart(made)
    if found:
        st.subheader("Retrieval", anchor=False, help=explain("retrieval", "recall", "passage"))
        show_chart(found, "recall", clicked)
    st.subheader("By question", anchor=False)
    by = st.segmented_control(
        "Group by", ["kind", "tag"], default="kind", required=True, key="group_by",
        format_func={"kind": "By kind", "tag": "By tag"}.get, label_visibility="collapsed",
    )  # fmt: skip
    grouped = boards.group_chart(desk.store, made, by or "kind")
    if grouped:
        show_chart(grouped, f"by_{by}", clicked)
    else:
        st.caption("The questions have no tags. A column named tags adds them.")


with open_page("results", LEAD) as desk:
    found = project_results(desk.store, desk.project)
    going = sum(r.progress.state in ("queued", "running") for r in found)
    if going:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(f":material/progress_activity: {count(going, 'run')} still going")
            link("run", "Watch")
    newest = latest(found)
    metrics = metrics_in(newest)
    if not newest:
        empty(
            "No finished run yet",
            "Results appear as soon as the first recipe has answered all questions.",
            ("run", "Choose recipes and start"),
        )
    elif not metrics:
        empty(
            "Nothing could be graded",
            "Every question failed. The answers tell why.",
            ("answers", "Read the answers"),
        )
    else:
        metric = pick(
            "metric",
            metrics,
            METRIC_NAMES,
            findings.main_metric(metrics),
            explain("contains", "exact", "f1", "form"),
        )
        made = board(desk.store, found, metric)
        table(made)
        notes(made)
        pair = (
            (board(desk.store, found, FACTS), board(desk.store, found, FORM))
            if {FACTS, FORM} <= set(metrics)
            else None
        )
        charts(desk, made, pair)
        details(desk, made)
