"""Every chart in the app: values in, Plotly figure out; one palette, one colour per technique.

Figures carry no text or background colour of their own, so that they fit a light page, a
dark page and the report. Names come from users: they are escaped, because Plotly reads a
kind of HTML in labels.
"""

from dsmr.charts.axes import escape, hover, money, seconds
from dsmr.charts.groups import by_group, over_time
from dsmr.charts.ladder import bars, ranking, timings
from dsmr.charts.planes import form_facts_map, frontier, pareto
from dsmr.charts.values import COLOURS, Chart, Line, Mark, Spot, Timing, colour

__all__ = [
    "COLOURS",
    "Chart",
    "Line",
    "Mark",
    "Spot",
    "Timing",
    "bars",
    "by_group",
    "colour",
    "escape",
    "form_facts_map",
    "frontier",
    "hover",
    "money",
    "over_time",
    "pareto",
    "ranking",
    "seconds",
    "timings",
]
