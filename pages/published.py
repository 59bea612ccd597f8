"""Published evidence: what papers measured, with the user's own runs laid over it."""

import streamlit as st

from dsmr.ui import literature, probing
from dsmr.ui.evidence import project_results
from dsmr.ui.parts import show_chart
from dsmr.ui.state import Desk, open_page
from dsmr.ui.words import count, plain
from dsmr.work import published

LEAD = "The same comparison in published papers, with their numbers as they are printed there."


def filters() -> list[published.Setting]:
    left, middle, right = st.columns([3, 2, 2], gap="large")
    papers = left.multiselect(
        "Papers", literature.papers(), default=literature.first_papers(), key="pub_papers",
        format_func=published.short, placeholder="All papers",
    )  # fmt: skip
    task = middle.text_input("Task or model", key="pub_task", placeholder="PopQA, Mistral …")
    sizes = literature.sizes()
    size = right.select_slider(
        "Billions of parameters", sizes, (sizes[0], sizes[-1]), key="pub_size",
        help="Models whose size is not stated always stay.",
    )  # fmt: skip
    return published.chosen(papers, task, size)  # type: ignore[arg-type]


def compared(desk: Desk, mine: bool) -> None:
    found = filters()
    own = project_results(desk.store, desk.project) if mine else []
    if not found:
        st.caption("No published setting fits these filters.")
        return
    show_chart(literature.paired_chart(found, own), "pub_paired")
    if len(found) > literature.MOST_ROWS:
        st.caption(
            f"{count(len(found) - literature.MOST_ROWS, 'more setting')} not drawn; narrow the "
            "filters to see them. The title counts all."
        )
    st.subheader("Gain and model size", anchor=False)
    chart = literature.size_chart(found, own)
    if chart:
        show_chart(chart, "pub_size_chart")
    else:
        st.caption("None of these papers state sizes and gains.")


def curves(desk: Desk, mine: bool) -> None:
    st.subheader("Examples in the prompt against fine-tuning", anchor=False)
    tasks = published.curve_tasks()
    left, right = st.columns(2, gap="large")
    task = left.selectbox(
        "Task", list(tasks), index=len(tasks) - 1, key="pub_curve_task"
    ) or next(iter(tasks))  # fmt: skip
    model = right.selectbox(
        "Prompted model", tasks[task], len(tasks[task]) - 1, key=f"pub_curve_model_{task}"
    )
    probe = probing.newest(desk.store, desk.project) if mine else None
    show_chart(literature.curve_chart(task, model or tasks[task][0], probe), "pub_curves")
    st.caption(
        "Where the curve flattens below the tuned line, the rule of thumb of the probe fails."
    )


with open_page("published", LEAD) as desk:
    with_mine = st.toggle("Lay my runs over", True, key="pub_mine")
    compared(desk, with_mine)
    curves(desk, with_mine)
    with st.expander("Every number, with its paper and table"):
        st.dataframe(
            literature.table(), hide_index=True, height=420, key="pub_table", placeholder="–",
            column_config={"Value": st.column_config.NumberColumn(format="%.4g")},
        )  # fmt: skip
        st.caption(
            plain("Checked: read in the paper or the authors' files. The rest is from memory.")
        )
