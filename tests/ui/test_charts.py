"""Charts say what they show, draw every interval, and read no markup in names."""

import json

import pytest

from dsmr import charts
from dsmr.charts import COLOURS, Line, Mark, Spot, Timing
from dsmr.core.stats import Estimate


def about(mean, reach=0.08, n=60, missing=0):
    return Estimate(mean, max(0.0, mean - reach), mean + reach, n, missing)


MARKS = [
    Mark("baseline", "baseline", "run-a", about(0.10, missing=2)),
    Mark("rag", "retrieval", "run-b", about(0.72)),
    Mark("fine-tuned", "tuned", "run-c", about(0.31)),
]
SPOTS = [
    Spot(m.name, m.technique, m.run_id, about(x), m.value)
    for m, x in zip(MARKS, (0.02, 0.05, 0.9), strict=True)
]


def test_the_colours_are_those_of_okabe_and_ito_and_differ():
    assert COLOURS["retrieval"] == "#0072B2"
    assert len(set(COLOURS.values())) == len(COLOURS)


def test_ranking_puts_the_best_on_top_and_draws_each_interval():
    figure = charts.ranking(MARKS, "t", "s").figure
    assert [trace.y[0] for trace in figure.data] == ["baseline", "fine-tuned", "rag"]
    best = figure.data[-1]
    assert best.error_x.array[0] == pytest.approx(0.08)
    assert best.error_x.arrayminus[0] == pytest.approx(0.08)
    assert best.marker.color == COLOURS["retrieval"]
    assert best.customdata[0] == "run-b"


def test_a_share_axis_shows_all_of_0_to_100_percent():
    axis = charts.ranking(MARKS, "t", "s").figure.layout.xaxis
    assert axis.range[0] <= 0 and axis.range[1] >= 1


def test_bars_start_at_zero():
    assert charts.bars(MARKS, "t", "s").figure.layout.xaxis.range[0] == 0


def test_hover_names_the_figure_the_interval_and_what_is_missing():
    said = charts.hover("baseline", MARKS[0].value, "share")
    assert "10 %" in said and "2 % to 18 %" in said and "60 questions, 2 missing" in said


def test_names_with_markup_are_shown_and_not_obeyed():
    evil = Mark("<b>x</b> <a href='http://evil'>y</a> $z$", "prompt", "r", about(0.5))
    drawn = json.dumps(charts.ranking([evil], "t", "s").figure.to_plotly_json(), default=str)
    assert "<a href" not in drawn and "&lt;a href" in drawn and "$z$" not in drawn


def test_the_map_draws_an_arrow_from_the_baseline_to_each_other_recipe():
    figure = charts.form_facts_map(SPOTS, "t", "s").figure
    arrows = [a for a in figure.layout.annotations if a.arrowhead]
    assert len(arrows) == 2
    assert {(a.ax, a.ay) for a in arrows} == {(0.02, 0.10)}


def test_the_map_without_a_baseline_has_no_arrow():
    figure = charts.form_facts_map(SPOTS[1:], "t", "s").figure
    assert not [a for a in figure.layout.annotations if a.arrowhead]


def test_dots_that_cover_each_other_share_one_name():
    names = ("baseline", "prompt", "few-shot", "apart")
    spots = [Spot(n, "prompt", n, about(0.0), about(0.5 if n == "apart" else 0.07)) for n in names]
    said = [a.text for a in charts.form_facts_map(spots, "t", "s").figure.layout.annotations]
    assert sorted(text for text in said if text) == ["apart", "baseline, prompt, few-shot"]
    longer = [
        Spot(f"a recipe of some length {i}", "prompt", str(i), about(0.0), about(0.1))
        for i in range(5)
    ]
    said = [a.text for a in charts.form_facts_map(longer, "t", "s").figure.layout.annotations]
    assert "a recipe of some length 0, a recipe of some length 1 and 3 more" in said


def test_the_frontier_leaves_out_what_is_dearer_and_no_better():
    cheap, dear, better = (
        Spot(n, "prompt", n, about(x), about(y))
        for n, x, y in (("cheap", 1.0, 0.5), ("dear", 2.0, 0.5), ("better", 3.0, 0.6))
    )
    assert charts.frontier([dear, better, cheap]) == [cheap, better]


def test_timings_show_three_figures_of_each_recipe():
    row = Timing("rag", "retrieval", "r", about(1.0), about(2.0), about(0.2))
    drawn = [t for t in charts.timings([row], "t", "s").figure.data if t.mode == "markers"]
    assert sorted(t.x[0] for t in drawn) == [0.2, 1.0, 2.0]


def test_over_time_marks_changes_and_keeps_within_the_point_limit():
    points = tuple((1.7e9 + 60 * i, f"r{i}", about(0.5)) for i in range(6000))
    figure = charts.over_time([Line("rag", "retrieval", points)], "t", "s", changes=[(1.7e9, "x")])
    assert len(figure.figure.data[0].x) <= 5000
    assert any(a.text == "x" for a in figure.figure.layout.annotations)


def test_by_group_has_one_dot_per_recipe_and_group():
    figure = charts.by_group({"fact": MARKS, "form": MARKS[:2]}, "t", "s").figure
    assert len(figure.data) == 5
    assert sum(bool(t.showlegend) for t in figure.data) == 3


@pytest.mark.parametrize("make", [charts.ranking, charts.bars])
def test_figures_bring_no_background_and_no_font_colour(make):
    layout = make(MARKS, "t", "s").figure.layout
    assert layout.paper_bgcolor == layout.plot_bgcolor == "rgba(0,0,0,0)"
    assert layout.font.color is None
