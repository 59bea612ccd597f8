"""Prices as the page shows them: look-up, the user's own sheet, and what the runs came to."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import pandas as pd
import streamlit as st

from dsmr.core.cost import Price
from dsmr.core.data import Problem
from dsmr.market.prices import find_price, known_models, price_sheet
from dsmr.store.projects import Project
from dsmr.store.records import Store
from dsmr.ui.evidence import project_results
from dsmr.ui.words import usd
from dsmr.work import ratings
from dsmr.work.results import Result, own_prices, price_of

COLUMNS = ("Model", "In", "Cached in", "Cache write", "Out", "Source", "Date")
DEAREST = 100_000.0  # USD per million tokens; more is a slip of the keyboard


def today() -> date:
    return datetime.now(UTC).date()


@st.cache_data(show_spinner=False)
def listed_models() -> list[str]:
    return known_models()


def listed(model: str, day: date) -> Price | None:
    return find_price(model, on=day)


def price_words(price: Price) -> str:
    """`$0.40 in, $0.10 from a cache, $1.60 out per million tokens`."""
    parts = [f"{usd(price.input)} in"]
    if price.cached_input is not None:
        parts.append(f"{usd(price.cached_input)} from a cache")
    if price.cache_write is not None:
        parts.append(f"{usd(price.cache_write)} into it")
    return f"{', '.join(parts)}, {usd(price.output)} out, per million tokens"


# --- the user's own sheet ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Sheet:
    """An edited sheet: what can be saved, and what is wrong with the rest."""

    prices: tuple[Price, ...]
    problems: tuple[Problem, ...]


def own_table(store: Store) -> pd.DataFrame:
    rows = [
        (p.model, p.input, p.cached_input, p.cache_write, p.output, p.source, p.date)
        for p in own_prices(store).values()
    ]
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    return frame.astype({c: "float64" for c in ("In", "Cached in", "Cache write", "Out")})


def read_sheet(edited: pd.DataFrame) -> Sheet:
    """Rows without a model name and a price are skipped; wrong ones are named."""
    prices: dict[str, Price] = {}
    problems = []
    for number, row in enumerate(edited.to_dict("records"), start=1):
        name = _text(row["Model"])
        figures = {c: _figure(row[c]) for c in ("In", "Cached in", "Cache write", "Out")}
        if not name and not any(figures.values()):
            continue
        wrong = _wrong(name, figures, prices)
        if wrong:
            problems.append(Problem(f"row {number}", *wrong))
            continue
        prices[name] = Price(
            name, "own", figures["In"] or 0.0, figures["Cached in"], figures["Out"] or 0.0,
            _text(row["Source"]) or "own sheet", _text(row["Date"]), figures["Cache write"],
        )  # fmt: skip
    return Sheet(tuple(prices.values()), tuple(problems))


def _wrong(
    name: str, figures: dict[str, float | None], before: dict[str, Price]
) -> tuple[str, str] | None:
    if not name:
        return "the model has no name", "Write the name that the endpoint knows"
    if name in before:
        return f"{name} stands there twice", "Delete one of the two rows"
    if figures["In"] is None or figures["Out"] is None:
        return f"{name} lacks its price in or out", "Fill in both; 0 is a price"
    if any(v is not None and not 0 <= v <= DEAREST for v in figures.values()):
        return f"{name} has an impossible price", "USD per million tokens, not below 0"
    return None


def _text(value: Any) -> str:
    return "" if value is None or value is pd.NA or value != value else str(value).strip()


def _figure(value: Any) -> float | None:
    return None if value is None or value is pd.NA or value != value else float(value)


def save_sheet(store: Store, sheet: Sheet) -> None:
    store.put_setting("prices", {p.model: p.as_dict() for p in sheet.prices})


def shipped_table(wanted: str = "") -> pd.DataFrame:
    """The dated price sheet that ships, as it is written."""
    words = wanted.casefold().split()
    rows = [
        row
        for row in price_sheet()
        if all(word in f"{row['provider']} {row['model']}".casefold() for word in words)
    ]
    return pd.DataFrame(
        [
            {
                "Provider": row["provider"],
                "Model": row["model"],
                "From": row["date_from"],
                "Until": row["date_to"],
                "In": _number(row["input_usd_per_mtok"]),
                "Cached in": _number(row["cached_input_usd_per_mtok"]),
                "Out": _number(row["output_usd_per_mtok"]),
                "Window": _number(row["context_window_tokens"]),
                "Checked": row["verified"] == "yes",
                "Source": row["source"],
            }
            for row in rows
        ]
    )


def _number(text: str) -> float | None:
    return float(text) if text.strip() else None


# --- what the runs came to --------------------------------------------------------------------


def bills(store: Store, project: Project) -> pd.DataFrame:
    """One row per run, newest first: listed, really spent, paid once, price then and now."""
    rows = [
        {
            "Recipe": r.run.recipe.name,
            "Started": datetime.fromtimestamp(r.created),
            "Questions": r.cost.questions if r.cost else 0,
            "Tokens": r.usage.tokens.total,
            "List cost": r.cost.usd if r.cost else None,
            "Per 1,000": r.cost.per_1k_questions if r.cost else None,
            "Really spent": r.spent_usd,
            "Paid once": r.once.total or None,
            "Priced by": _basis(store, r),
            "Price when submitted": _then(store, r),
        }
        for r in reversed(project_results(store, project))
    ]
    return pd.DataFrame(rows)


def _basis(store: Store, row: Result) -> str:
    price = price_of(store, row.run)
    if price:
        return f"{price.provider}/{price.model}"
    return "no price known" if row.run.recipe.model.endpoint else "machine time"


def _then(store: Store, row: Result) -> str:
    made = store.runs.provenance(row.run.id)
    kept = made.get("price")
    if kept:
        return f"{usd(kept['input'])} in, {usd(kept['output'])} out ({kept['date']})"
    rate = (made.get("pricing") or {}).get("usd_per_hour")
    return f"{usd(rate)} an hour" if rate is not None else "not kept"


def totals(store: Store, project: Project) -> dict[str, float | None]:
    """Kept apart: answering as listed and as spent, training, indexing, judging."""
    found = project_results(store, project)
    indexed = {r.indexing_usd for r in found if r.indexing_usd}  # runs share an index
    trained = {r.training.id: r.training_usd or 0.0 for r in found if r.training}
    judged = ratings.spent_on_judging(store, [r.run.id for r in found])
    return {
        "Answering, list": sum(r.cost.usd for r in found if r.cost),
        "Answering, spent": sum(r.spent_usd or 0.0 for r in found),
        "Training, once": sum(trained.values()),
        "Indexing, once": sum(indexed),
        "Judging": judged,
    }
