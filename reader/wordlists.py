"""Reads the public word lists (dariusk/corpora, CC0) behind made-up names and values."""

import json
import os
from functools import cache
from pathlib import Path

FILES = {
    "first": [
        ("humans__firstNames", "firstNames", None),
        ("humans__spanishFirstNames", None, None),
    ],
    "last": [("humans__lastNames", "lastNames", None), ("humans__spanishLastNames", None, None)],
    "occupation": [("humans__occupations", "occupations", None)],
    "object": [("objects__objects", "objects", None)],
    "town": [
        ("geography__us_cities", "cities", "city"),
        ("geography__english_towns_cities", "towns", None),
        ("geography__norwegian_cities", "cities", "city"),
    ],
    "noun": [("words__nouns", "nouns", None)],
    "adjective": [("words__adjs", "adjs", None)],
    "verb": [("words__verbs", "verbs", "present")],
    "country": [("geography__countries", "countries", None)],
    "industry": [("corporations__industries", "industries", None)],
    "animal": [("animals__common", "animals", None)],
    "fruit": [("foods__fruits", "fruits", None)],
    "vegetable": [("foods__vegetables", "vegetables", None)],
    "dish": [("foods__menuItems", None, None)],
    "shade": [("colors__xkcd", "colors", "color")],
    "instrument": [("music__instruments", "instruments", None)],
    "genre": [("music__genres", "genres", None)],
    "subject": [("books__academic_subjects", "subjects", None)],
    "sport": [("sports__sports", "sports", None)],
    "river": [("geography__rivers", "rivers", "name")],
    "symptom": [("medicine__symptoms", None, None)],
    "plant": [("plants__plants", "plants", "name")],
    "appliance": [("technology__appliances", "appliances", None)],
    "proglang": [("technology__programming_languages", None, None)],
    "material": [
        ("materials__natural-materials", None, None),
        ("materials__fabrics", None, None),
        ("materials__metals", None, None),
        ("materials__building-materials", None, None),
    ],
    "clothing": [("objects__clothing", "clothes", None)],
    "technology": [("technology__new_technologies", "technologies", None)],
    "room": [("architecture__rooms", "rooms", None)],
    "container": [("objects__containers", "containers", None)],
    "planet": [("science__minor_planets", "minor_planets", None)],
}
LOWERCASE_ONLY = {"noun", "adjective"}


def _entries(path: Path, key: str | None, field: str | None) -> list[str]:
    data = json.loads(path.read_text(encoding="utf-8"))
    if isinstance(data, dict):
        lists = [value for value in data.values() if isinstance(value, list)]
        data = data[key] if key in data else max(lists, key=len, default=[])
    if isinstance(data, dict):
        data = max(
            (value for value in data.values() if isinstance(value, list)), key=len, default=[]
        )
    entries = (entry.get(field) if isinstance(entry, dict) and field else entry for entry in data)
    return [entry.strip() for entry in entries if isinstance(entry, str) and 1 < len(entry) < 32]


@cache
def load_words(folder: str | None = None) -> dict[str, list[str]]:
    """Word kind to sorted words; `folder` holds `data__*.json`, default `$READER_WORDS`."""
    root = Path(folder or os.environ["READER_WORDS"])
    words: dict[str, list[str]] = {}
    for kind, sources in FILES.items():
        found = [
            word
            for name, key, field in sources
            for word in _entries(root / f"data__{name}.json", key, field)
        ]
        if kind in LOWERCASE_ONLY:
            found = [word for word in found if word.isalpha() and word.islower()]
        if kind == "planet":
            found = [word.lstrip("0123456789 ") for word in found]
        words[kind] = sorted(set(found))
    return words
