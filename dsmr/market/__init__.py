"""Dated facts about the market: prices, context windows, latency, published results."""
