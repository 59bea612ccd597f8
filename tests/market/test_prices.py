"""Prices offline: genai-prices first, the dated sheet for the rest and for the past."""

import sys
from datetime import date

from dsmr.core.cost import Price
from dsmr.market.prices import find_price, known_models, price_sheet

TODAY = date(2026, 11, 22)


def test_a_model_of_today_is_priced_by_the_package():
    price = find_price("gpt-4o-mini", on=TODAY)
    assert (price.input, price.cached_input, price.output) == (0.15, 0.075, 0.6)
    assert price.source.startswith("genai-prices") and price.date == "2026-11-22"
    assert find_price("openai/gpt-4o-mini", on=TODAY) == price
    assert find_price("gpt-4o-mini", "openai", TODAY) == price


def test_the_past_is_priced_by_the_sheet():
    davinci = find_price("davinci", on=date(2021, 6, 1))
    assert (davinci.input, davinci.output, davinci.provider) == (60.0, 60.0, "openai")
    turbo = find_price("gpt-3.5-turbo", on=date(2023, 4, 1))
    assert turbo.input == 2.0 and turbo.date == "2023-03-01"
    before, after = (find_price("o3", on=date(2025, 6, d)) for d in (1, 20))
    assert (before.input, after.input) == (10.0, 2.0)


def test_nothing_is_priced_before_it_was_sold():
    assert find_price("gpt-6-luna", on=date(2021, 5, 1)) is None
    assert find_price("gpt-4o-mini", on=date(2022, 1, 1)) is None


def test_an_unknown_model_has_no_price():
    for name in ("reader", "", "some/folder/model", "openai/no-such-model"):
        assert find_price(name, on=TODAY) is None


def test_a_price_with_tiers_says_so():
    price = find_price("gpt-6-luna", on=TODAY)
    assert price.input == 0.1 and price.cache_write == 0.125
    assert "prompts over 272,000 tokens cost more" in price.source


def test_every_known_model_can_be_priced():
    names = known_models()
    assert len(names) > 200 and "openai/gpt-4o-mini" in names
    for name in names[::10]:
        assert isinstance(find_price(name, on=TODAY), Price)


def test_nothing_is_fetched():
    assert find_price("gpt-4o-mini", on=TODAY)
    assert "genai_prices" in sys.modules
    from genai_prices import data_snapshot

    assert data_snapshot.get_snapshot().from_auto_update is False


def test_every_row_of_the_sheet_names_its_source():
    rows = price_sheet()
    assert len(rows) > 250
    for row in rows:
        assert row["source"] and row["verified"] in ("yes", "price_only", "no")
        assert not row["date_to"] or row["date_from"] <= row["date_to"]
