"""What charts are drawn from and what comes out: recipes with their figures, and colours."""

from dataclasses import dataclass
from typing import Any

from dsmr.core.stats import Estimate

COLOURS: dict[str, str] = {  # Okabe–Ito
    "baseline": "#8A8F98",
    "prompt": "#56B4E9",
    "few-shot": "#009E73",
    "retrieval": "#0072B2",
    "tuned": "#E69F00",
    "tuned + retrieval": "#D55E00",
    "preference": "#CC79A7",
}
GREY = "rgba(128,132,140,0.55)"
FAINT = "rgba(128,132,140,0.22)"
MOST_POINTS = 5_000


@dataclass(frozen=True, slots=True)
class Mark:
    """One recipe in a chart; `run_id` is what a click leads to."""

    name: str
    technique: str
    run_id: str
    value: Estimate


@dataclass(frozen=True, slots=True)
class Spot:
    """One recipe in a chart with two scales."""

    name: str
    technique: str
    run_id: str
    x: Estimate
    y: Estimate


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds of one recipe, each with its interval; None where it was not measured."""

    name: str
    technique: str
    run_id: str
    p50: Estimate
    p95: Estimate | None = None
    first: Estimate | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One recipe over time: (unix seconds, run id, value)."""

    name: str
    technique: str
    points: tuple[tuple[float, str, Estimate], ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """A figure with what it says. Title and subtitle are plain text, for the page to set."""

    title: str
    subtitle: str
    figure: Any


def colour(technique: str) -> str:
    return COLOURS.get(technique, COLOURS["preference"])
