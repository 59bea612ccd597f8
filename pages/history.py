"""History: accuracy, cost and latency of each recipe, run after run."""

import streamlit as st

from dsmr.charts import COLOURS
from dsmr.ui import boards, findings
from dsmr.ui.evidence import metrics_in, project_results
from dsmr.ui.navigation import go
from dsmr.ui.parts import empty, pick, show_chart
from dsmr.ui.state import open_page
from dsmr.ui.words import GLOSSARY, METRIC_NAMES, explain
from dsmr.work.history import marks

LEAD = (
    "Every run ever made here. Dotted lines mark where questions, documents, settings, model or "
    "scoring changed."
)


def opened(run_id: str) -> None:
    go("answers", run=run_id)


with open_page("history", LEAD) as desk:
    found = project_results(desk.store, desk.project)
    done = [r for r in found if r.finished]
    metrics = metrics_in(done)
    if not done:
        empty(
            "No history yet",
            "Each finished run adds a point. Run a recipe again after changing documents, "
            "questions or models, and see what moved.",
            ("run", "Choose recipes and start"),
        )
    else:
        metric = findings.main_metric(metrics)
        if len(metrics) > 1:
            means = explain("contains", "exact", "f1", "form")
            metric = pick("metric", metrics, METRIC_NAMES, metric, means)
        changed = marks(desk.store, found)
        for number, chart in enumerate(boards.history_charts(found, metric, changed)):
            show_chart(chart, f"history_{number}", opened)
        st.subheader("All runs", anchor=False)
        event = st.dataframe(
            boards.run_table(found, metric),
            hide_index=True,
            key="all_runs",
            height="content" if len(found) < 15 else 560,
            placeholder="–",
            on_select="rerun",
            selection_mode="single-cell",
            column_config={
                "Started": st.column_config.DatetimeColumn(format="D MMM YYYY, HH:mm"),
                "Technique": st.column_config.MultiselectColumn(
                    options=list(COLOURS), color=list(COLOURS.values())
                ),
                "Mean": st.column_config.NumberColumn(format="%.0f %%", help=GLOSSARY["accuracy"]),
                "Missing": st.column_config.NumberColumn(help=GLOSSARY["missing"]),
                "USD per 1,000": st.column_config.NumberColumn(format="$%.4f"),
                "Spent": st.column_config.NumberColumn(
                    format="$%.4f", help="Really spent: replies from the answer cache cost nothing."
                ),
                "Median": st.column_config.NumberColumn(format="%.2f s", help=GLOSSARY["p50"]),
            },
        )
        cells = event.selection.cells
        if cells:
            opened(list(reversed(found))[int(cells[0][0])].run.id)
