"""Reads the dated facts in data/market: windows, latencies, price trend, published results."""

import csv
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from dsmr.core.cost import Price, blended
from dsmr.core.trends import Offer, Point
from dsmr.market.prices import FOLDER, price_sheet_rows


@dataclass(frozen=True, slots=True)
class Discount:
    """A provider's rule for caching, batches or tuned models."""

    day: date
    provider: str
    kind: str
    rule: str
    numbers: str
    source: str
    verified: bool


@dataclass(frozen=True, slots=True)
class Speed:
    """One measured or claimed latency or output speed."""

    point: Point  # value in `unit`; kind is the metric
    provider: str
    unit: str
    condition: str


@dataclass(frozen=True, slots=True)
class Published:
    """One number from a paper."""

    paper: str
    arxiv: str
    year: int
    table: str
    model: str
    billions: float | None  # parameters; None: not stated
    task: str
    metric: str
    condition: str  # as the paper has it
    technique: str  # our reading of it; "": none of ours, or not a score
    examples: int | None  # shown in the prompt, or trained on
    value: float
    note: str
    verified: bool

    @property
    def share(self) -> float | None:
        """The value as a share of 1; None where the metric is not a share."""
        if "%" in self.metric:
            return self.value / 100
        return self.value if "accuracy" in self.metric and 0 <= self.value <= 1 else None


@cache
def context_windows() -> tuple[Point, ...]:
    """Tokens of the largest windows; kind: "product", "preview" or "research"."""
    return tuple(
        Point(
            _day(r["date"]),
            float(r["tokens"]),
            r["model"],
            r["kind"],
            r["source"],
            "; ".join(part for part in (r["availability"], r["note"]) if part),
            r["verified"] == "yes",
        )
        for r in _rows("context_windows.csv")
    )


def small_tier_prices(output_share: float = 0.25) -> tuple[Point, ...]:
    """USD per million tokens of the cheap tier, blended with this share of output."""
    return tuple(
        Point(
            _day(r["date"]),
            blended(_price(r, r["date"]), output_share),
            r["model"],
            r["provider"],
            r["source"],
            verified=r["verified"] in ("yes", "price_only"),
        )
        for r in _rows("price_trend_small_tier.csv")
    )


def market_prices(output_share: float = 0.25) -> tuple[Point, ...]:
    """USD per million tokens of every dated model on the price sheet; kind: the provider."""
    return tuple(
        Point(
            _day(r["date_from"]),
            blended(_price(r, r["date_from"]), output_share),
            r["model"],
            r["provider"],
            r["source"],
            r["note"],
            r["verified"] == "yes",
        )
        for r in price_sheet_rows()
        if r["date_from"] and float(r["output_usd_per_mtok"] or 0) > 0
    )


@cache
def offers() -> tuple[Offer, ...]:
    """Dated text models with their prices and windows, for the time machine.

    Left out: undated rows, and the dearer tiers for long prompts.
    """
    return tuple(
        Offer(
            _price(r, r["date_from"]),
            _day(r["date_from"]),
            _day(r["date_to"]) if r["date_to"] else None,
            int(r["context_window_tokens"]) if r["context_window_tokens"] else None,
            r["verified"] == "yes",
        )
        for r in price_sheet_rows()
        if r["date_from"]
        and float(r["output_usd_per_mtok"] or 0) > 0
        and not _long_tier(r["model"])
    )


@cache
def latencies() -> tuple[Speed, ...]:
    return tuple(
        Speed(
            Point(
                _day(r["date"]),
                float(r["value"]),
                r["model"],
                r["metric"],
                r["source"],
                verified=r["verified"] == "yes",
            ),
            r["provider"],
            r["unit"],
            r["condition"],
        )
        for r in _rows("latency.csv")
    )


@cache
def discounts() -> tuple[Discount, ...]:
    return tuple(
        Discount(
            _day(r["date_from"]),
            r["provider"],
            r["kind"],
            r["rule"],
            r["numbers"],
            r["source"],
            r["verified"] == "yes",
        )
        for r in _rows("price_discounts.csv")
    )


@cache
def published_results() -> tuple[Published, ...]:
    return tuple(
        Published(
            r["source"],
            r["arxiv"],
            int(r["year"]),
            r["table"],
            r["model"],
            float(r["params_b"]) if r["params_b"] else None,
            r["task"],
            r["metric"],
            r["condition"],
            r["technique"],
            int(r["examples"]) if r["examples"] else None,
            float(r["value"]),
            r["note"],
            r["verified"] == "yes",
        )
        for r in _rows("published_results.csv")
        if r["value"]  # one result exists as a drawing only
    )


def _price(row: dict[str, str], day: str) -> Price:
    cached = row.get("cached_input_usd_per_mtok", "")
    return Price(
        row["model"],
        row["provider"],
        float(row["input_usd_per_mtok"]),
        float(cached) if cached else None,
        float(row["output_usd_per_mtok"] or 0),
        row["source"],
        day,
    )


def _long_tier(model: str) -> bool:
    """Names such as "gpt-5.4-272k": the surcharge beyond that many tokens."""
    end = model.rsplit("-", 1)[-1]
    return end.endswith("k") and end[:-1].isdigit() and model not in ("gpt-4-32k",)


def _day(text: str) -> date:
    """A day; of a bare month the first, of a bare year the first of January."""
    return date.fromisoformat((text + "-01-01" if len(text) == 4 else text + "-01")[:10])


def _rows(name: str, folder: Path = FOLDER) -> list[dict[str, str]]:
    with (folder / name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))
