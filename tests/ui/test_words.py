"""User text stays text; numbers read the same everywhere."""

import re

import pytest

from dsmr.ui.words import count, interval, listing, percent, plain, points, span, usd


@pytest.mark.parametrize(
    "text",
    ["**bold**", "[x](http://e)", "$a$", "# head", "`code`", "<img src=x>", "- item", "1. item",
     "a | b", "~~no~~", "_it_"],
)  # fmt: skip
def test_markdown_in_user_text_is_escaped(text):
    said = plain(text)
    assert re.sub(r"\\|\u200c|amp;", "", said).replace("&", "") == text.replace("&", "")
    for sign in "*[]$#`<>|~_":
        assert not re.search(rf"(?<!\\){re.escape(sign)}", said)


def test_colours_icons_and_addresses_are_broken_up():
    said = plain(":red[x] :material/home: www.evil.example a@b.example")
    assert not re.search(r":(red|material)", said)
    assert "www.e" not in said and "@b" not in said


def test_line_breaks_cannot_start_a_block():
    assert "\n" not in plain("one\n\n# two")


@pytest.mark.parametrize(
    ("value", "said"),
    [(None, "–"), (0, "$0"), (0.00001, "under $0.0001"), (0.0123, "$0.0123"), (1.5, "$1.50"),
     (1234.5, "$1,234")],
)  # fmt: skip
def test_money(value, said):
    assert usd(value) == said


@pytest.mark.parametrize(
    ("value", "said"),
    [(0.05, "50 ms"), (1.23, "1.2 s"), (45, "45 s"), (600, "10 min"), (7200, "2.0 h")],
)
def test_durations(value, said):
    assert span(value) == said


def test_small_words():
    assert (percent(0.725), percent(0.225), percent(None)) == ("73 %", "23 %", "–")
    assert (points(0.126), points(-0.031), points(0.001)) == ("+13", "−3", "±0")
    assert (count(1, "run"), count(2, "run")) == ("1 run", "2 runs")
    assert listing(["a", "b", "c"]) == "a, b and c"
    assert interval(None) == "–"
