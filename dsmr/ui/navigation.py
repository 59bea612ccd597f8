"""The pages in the order of the work, and links between them."""

from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from dsmr.ui.words import plain

FOLDER = Path(__file__).resolve().parents[2] / "pages"


@dataclass(frozen=True, slots=True)
class Place:
    """One page: `key` is its file name and its address."""

    key: str
    title: str
    icon: str
    section: str

    @property
    def symbol(self) -> str:
        return f":material/{self.icon}:"


PLACES: dict[str, Place] = {
    place.key: place
    for place in (
        Place("overview", "Overview", "space_dashboard", "Start"),
        Place("documents", "Documents", "description", "Data"),
        Place("questions", "Questions", "quiz", "Data"),
        Place("recipes", "Recipes", "tune", "Compare"),
        Place("run", "Run", "play_circle", "Compare"),
        Place("results", "Results", "leaderboard", "Compare"),
        Place("answers", "Answers", "forum", "Compare"),
        Place("probe", "Would tuning help?", "ssid_chart", "Learn"),
        Place("published", "Published evidence", "menu_book", "Learn"),
        Place("history", "History", "timeline", "Trends"),
        Place("breakeven", "Break-even", "balance", "Trends"),
        Place("market", "Market", "trending_down", "Trends"),
        Place("share", "Report", "ios_share", "Share"),
        Place("ratings", "Human check", "thumbs_up_down", "Share"),
        Place("prices", "Prices", "sell", "Settings"),
        Place("settings", "Settings", "settings", "Settings"),
    )
}


def page_of(key: str) -> "st.Page":  # type: ignore[valid-type]
    place = PLACES[key]
    return st.Page(
        FOLDER / f"{key}.py",
        title=place.title,
        icon=place.symbol,
        url_path=key,
        default=key == "overview",
    )


def navigate() -> "st.Page":  # type: ignore[valid-type]
    """Make the pages known; returns the one the reader is on. `show_places` draws the links."""
    sections: dict[str, list[object]] = {}
    for place in PLACES.values():
        sections.setdefault(place.section, []).append(page_of(place.key))
    return st.navigation(sections, position="hidden")  # type: ignore[arg-type]


def show_places() -> None:
    """The links in the sidebar, below the project: each keeps the project in the address."""
    section = ""
    with st.container(gap="xxsmall", key="places"):
        for place in PLACES.values():
            if place.section != section:
                if section:
                    st.space("xxsmall")
                section = place.section
                st.caption(section)
            st.page_link(
                page_of(place.key), label=place.title, icon=place.symbol, width="stretch",
                query_params=_with_project({}),
            )  # fmt: skip


def link(key: str, label: str | None = None, **query: str) -> None:
    """A link to a page; the project stays the same."""
    place = PLACES[key]
    st.page_link(
        page_of(key),
        label=plain(label or place.title),
        icon=place.symbol,
        query_params=_with_project(query),
    )


def go(key: str, **query: str) -> None:
    """Leave for another page."""
    st.switch_page(page_of(key), query_params=_with_project(query))


def _with_project(query: dict[str, str]) -> dict[str, str]:
    project = st.query_params.get("project")
    return {"project": project, **query} if project else query
