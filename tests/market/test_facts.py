"""The dated facts: all rows read, each with its source, product apart from research."""

from datetime import date

import pytest

from dsmr.core.trends import fit
from dsmr.market import facts


def test_every_fact_names_its_source():
    for point in (*facts.context_windows(), *facts.small_tier_prices(), *facts.market_prices()):
        assert point.source and point.value > 0 and point.day >= date(2020, 1, 1)
    for row in (*facts.latencies(),):
        assert row.point.source and row.unit in ("ms", "s", "tokens/s", "%", "x")
    for row in facts.published_results():
        assert row.paper and row.arxiv and 2020 <= row.year <= 2026


def test_windows_tell_product_preview_and_research_apart():
    kinds = {p.name: p.kind for p in facts.context_windows()}
    assert kinds["LTM-2-mini"] == "research" and kinds["gpt-4.1"] == "product"
    assert set(kinds.values()) == {"product", "preview", "research"}


def test_the_price_trend_falls_and_says_how_surely():
    trend = fit(facts.small_tier_prices())
    assert trend.n == 22 and 0.3 < trend.low < trend.per_year < trend.high < 0.8


def test_the_blend_moves_the_price():
    def last(share):
        return next(p for p in facts.small_tier_prices(share) if p.name == "gpt-4o-mini").value

    assert (last(0.0), last(0.25), last(1.0)) == pytest.approx((0.15, 0.2625, 0.6))


def test_offers_leave_out_the_tiers_for_long_prompts():
    names = {o.price.model for o in facts.offers()}
    assert "gpt-5.4" in names and "gpt-5.4-272k" not in names and "gpt-4-32k" in names
    sold = [o.price.model for o in facts.offers() if o.sold_on(date(2021, 6, 1))]
    assert "davinci (GPT-3)" in sold and "gpt-4o" not in sold


def test_published_results_are_shares_where_they_can_be():
    rows = facts.published_results()
    ovadia = next(r for r in rows if r.arxiv == "2312.05934" and r.technique == "retrieval")
    assert 0.5 < ovadia.share < 1
    raft = [r for r in rows if r.arxiv == "2403.10131" and r.task == "HotpotQA"]
    assert {r.technique for r in raft} == {
        "retrieval",
        "baseline",
        "tuned",
        "tuned + retrieval",
    }
    assert all(0 <= r.share <= 1 for r in rows if r.technique and r.share is not None)
    assert all(r.technique == "" for r in rows if "gain" in r.metric)


def test_discounts_are_dated():
    assert {d.kind for d in facts.discounts()} >= {"prompt caching", "batch"}
