"""What a model costs: genai-prices first, then the dated price sheet in data/market."""

import csv
import re
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from dsmr.core.cost import Price

FOLDER = Path(__file__).resolve().parents[2] / "data" / "market"
SHEET = FOLDER / "model_prices.csv"
SHEET_READ = date(2026, 11, 15)  # the day on which the sheet was read
PACKAGE_KNOWS = date(2026, 9, 1)  # before this day, genai-prices alone is no witness
LISTED = (
    "openai",
    "anthropic",
    "google",
    "mistral",
    "deepseek",
    "x-ai",
    "meta",
    "cohere",
    "moonshotai",
    "groq",
    "together",
    "fireworks",
)


def find_price(
    model_name: str, provider: str | None = None, on: date | None = None
) -> Price | None:
    """The price of a model on a day (None: today); None when no source knows it.

    `model_name` may be written "provider/model". Nothing is fetched. For a day before
    PACKAGE_KNOWS the dated sheet comes first, since genai-prices keeps little history
    and would answer with today's price.
    """
    day = on or datetime.now(UTC).date()
    name = model_name.strip()
    if provider is None and "/" in name and name.split("/", 1)[0] in _provider_ids():
        provider, name = name.split("/", 1)
    if not name:
        return None
    if day < PACKAGE_KNOWS:
        return _from_sheet(name, provider, day) or _from_package(name, provider, day, dated=True)
    return _from_package(name, provider, day) or _from_sheet(name, provider, day)


def known_models(everything: bool = False) -> list[str]:
    """Names ("provider/model") of text models with a price, for a "priced as" choice.

    Makers and a few hosts only, unless `everything` is asked for.
    """
    names = set()
    for maker in _package().providers:
        if everything or maker.id in LISTED:
            for model in maker.models:
                price = model.get_prices(datetime(2026, 11, 15, tzinfo=UTC))
                paid = _usd(price, "input_mtok") and _usd(price, "output_mtok")
                if paid and model.is_match(model.id):
                    names.add(f"{maker.id}/{model.id}")
    return sorted(names)


def price_sheet(path: Path = SHEET) -> list[dict[str, str]]:
    """The rows of the dated price sheet as they are written, for showing and editing."""
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def _from_package(name: str, provider: str | None, day: date, dated: bool = False) -> Price | None:
    when = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    try:
        maker, model = _package().find_provider_model(name, None, provider, None)
    except LookupError:
        return None
    if dated and not _starts(model, day):
        return None
    found = model.get_prices(when)
    usd_in, usd_out = _usd(found, "input_mtok"), _usd(found, "output_mtok")
    if usd_in is None:
        return None
    return Price(
        model.id,
        maker.id,
        usd_in,
        _usd(found, "cache_read_mtok"),
        usd_out or 0.0,
        f"genai-prices {_version()}{_tier(found)}",
        day.isoformat(),
        _usd(found, "cache_write_mtok"),
    )


def _starts(model: Any, day: date) -> bool:
    """Whether one of the model's prices is known to have begun by that day."""
    prices = model.prices if isinstance(model.prices, list) else []
    begun = [getattr(p.constraint, "start_date", None) for p in prices]
    return any(start is not None and start <= day for start in begun)


def _usd(price: Any, key: str) -> float | None:
    """One figure of a genai-prices price; of a price with tiers, the base tier's."""
    value = getattr(price, key, None)
    value = getattr(value, "base", value)
    return None if value is None else float(value)


def _tier(price: Any) -> str:
    tiers = getattr(getattr(price, "input_mtok", None), "tiers", None)
    return f"; prompts over {tiers[0].start:,} tokens cost more" if tiers else ""


def _from_sheet(name: str, provider: str | None, day: date) -> Price | None:
    for row in reversed(price_sheet_rows()):
        if (provider is None or provider.lower() in _provider_names(row["provider"])) and (
            name.lower() in _names(row["model"]) and _holds(row, day)
        ):
            return Price(
                row["model"],
                row["provider"],
                float(row["input_usd_per_mtok"]),
                _number(row["cached_input_usd_per_mtok"]),
                _number(row["output_usd_per_mtok"]) or 0.0,
                row["source"],
                row["date_from"],
            )
    return None


@cache
def price_sheet_rows() -> tuple[dict[str, str], ...]:
    """The shipped sheet's rows with an input price, oldest first, undated ones before."""
    rows = [row for row in price_sheet() if row["input_usd_per_mtok"]]
    return tuple(sorted(rows, key=lambda row: row["date_from"]))


def _holds(row: dict[str, str], day: date) -> bool:
    """An undated price is only known for the time at which the sheet was read."""
    start = row["date_from"] or PACKAGE_KNOWS.isoformat()
    return start <= day.isoformat() < (row["date_to"] or "9999")


def _names(model: str) -> set[str]:
    """The names a row answers to: "davinci (GPT-3)" also to davinci, "a / b" to both."""
    plain = re.sub(r"\s*\(.*?\)\s*", "", model).lower()
    return {model.lower(), plain, *(part.strip() for part in plain.split(" / "))}


def _provider_names(provider: str) -> set[str]:
    return {provider.lower(), "x-ai" if provider == "xai" else provider.lower()}


def _number(text: str) -> float | None:
    return float(text) if text.strip() else None


def _package() -> Any:
    from genai_prices.data_snapshot import get_snapshot

    return get_snapshot()


@cache
def _provider_ids() -> frozenset[str]:
    own = {row["provider"] for row in price_sheet_rows()}
    return frozenset(maker.id for maker in _package().providers) | own


@cache
def _version() -> str:
    from importlib.metadata import version

    return version("genai-prices")
