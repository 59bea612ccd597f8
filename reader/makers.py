"""Makes up names and values: people, firms, towns, sums, dates, codes; every draw comes from one
seeded source.
"""
# ruff: noqa: E501, SIM905

import random
from collections.abc import Callable, Sequence

from reader.wordlists import load_words

SYLLABLES = (
    "ba be bi bo bu ka ke ki ko ku la le li lo lu ma me mi mo mu na ne ni no nu ra re ri ro ru sa se si so su ta te ti "
    "to tu va ve vi vo za ze zo da de di do fa fe fi fo ga go ha he hi ho ja jo pa pe po wa we xa ya yo sha tha tri bra "
    "kel mar ton dor vin ler qui zan ber gal hel nor pol syl tam ver wyn zor cru fen lor mil pra sten ulm vex"
).split()
ENDINGS = ["n", "r", "x", "s", "l", "th", "m", "k", "", "", ""]
COLOURS = (
    "red blue green black white grey silver yellow orange purple brown teal pink gold navy".split()
)
LANGUAGES = (
    "English Spanish Polish Swahili Finnish Korean Welsh Dutch Greek Turkish Hindi Arabic Czech Danish Tamil Basque "
    "Thai Latvian Maltese Zulu"
).split()
MONTHS = (
    "January February March April May June July August September October November December".split()
)
WEEKDAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
NUMBER_WORDS = "two three four five six seven eight nine ten twelve fifteen twenty thirty".split()
GROUPS = (
    "full-time employees;part-time employees;contractors;interns;managers;new hires;remote workers;shift workers;"
    "trainees;sales staff;engineers;support agents;field technicians;senior staff;warehouse staff;nurses;drivers;"
    "teachers;apprentices;consultants;directors;night staff;temporary workers;volunteers;team leads;designers;"
    "freelancers;office staff"
).split(";")
HELD_OUT_WORDS = 0.2  # of every word list; only the evaluation draws from them


def with_article(noun: str) -> str:
    return ("an " if noun[:1].lower() in "aeiou" else "a ") + noun


def capitalised(text: str) -> str:
    return text[:1].upper() + text[1:]


class Maker:
    """A seeded source of made-up names and values. `held_out` draws the words that training never
    uses.
    """

    def __init__(self, rng: random.Random, held_out: bool = False) -> None:
        self.rng = rng
        self.held_out = held_out
        self._pools = _split_words(held_out)

    def pick(self, kind: str) -> str:
        return self.rng.choice(self._pools[kind])

    def any(self, *options: Callable[[], str] | str) -> str:
        option = self.rng.choice(options)
        return option if isinstance(option, str) else option()

    def chance(self, share: float) -> bool:
        return self.rng.random() < share

    def value(self, kind: str) -> str:
        """A value of a kind named in material/relations.txt: `money`, `date`, `person`, ..."""
        from reader.values import VALUES

        return VALUES[kind](self)

    def entity(self, kind: str) -> str:
        from reader.values import ENTITIES

        return ENTITIES[kind](self)

    def invented(self, syllables: int | None = None) -> str:
        count = syllables or self.rng.choice([2, 2, 3, 3, 4])
        return (
            "".join(self.rng.choices(SYLLABLES, k=count)) + self.rng.choice(ENDINGS)
        ).capitalize()

    def name_word(self) -> str:
        return self.any(
            self.invented,
            lambda: capitalised(self.pick("noun")),
            lambda: capitalised(self.pick("adjective")),
            lambda: self.pick("planet"),
        )

    def person(self) -> str:
        draw = self.rng.random()
        if draw < 0.15:
            return f"{self.invented()} {self.invented()}"
        last = self.pick("last") if self.chance(0.7) else self.invented()
        if draw < 0.25:
            return self.rng.choice(["Dr. ", "Ms. ", "Mr. ", "Prof. "]) + last
        first = self.pick("first") if self.chance(0.85) else self.invented()
        return first if draw < 0.3 else f"{first} {last}"

    def company(self) -> str:
        suffix = (
            "Inc Ltd Group Systems Labs Holdings Partners Industries Works Foods Energy Logistics Bank Media Software "
            "Motors Health Capital Studio Brothers Technologies Consulting Foundation"
        ).split()
        return self.any(
            lambda: f"{self.name_word()} {self.rng.choice(suffix)}",
            lambda: f"{self.name_word()} {self.rng.choice(suffix)}",
            lambda: f"{self.pick('last')} & {self.pick('last')}",
            self.invented,
        )

    def town(self) -> str:
        if self.chance(0.6):
            return self.pick("town")
        return self.invented() + self.rng.choice(["", "", "ville", " Bay", "burg", " Falls", "ton"])

    def number(self, low: int = 2) -> int:
        draw = self.rng.random()
        high = 20 if draw < 0.25 else 999 if draw < 0.6 else 99_999 if draw < 0.9 else 9_999_999
        return self.rng.randint(low, high)

    def count(self) -> str:
        number = self.number()
        return f"{number:,}" if self.chance(0.7) else str(number)

    def decimal(self, low: int, high: int) -> str:
        return (
            str(self.rng.randint(low, high))
            if self.chance(0.6)
            else f"{self.rng.uniform(low, high):.1f}"
        )

    def amount(self, units: Sequence[str], low: int = 2, high: int = 60) -> str:
        number = (
            self.rng.choice(NUMBER_WORDS) if self.chance(0.15) else str(self.rng.randint(low, high))
        )
        return f"{number} {self.rng.choice(units)}"

    def measure(self, low: int, high: int, units: Sequence[str]) -> str:
        return f"{self.decimal(low, high)} {self.rng.choice(units)}"

    def money(self) -> str:
        sign, draw, rng = self.rng.choice("$$$€£"), self.rng.random(), self.rng
        if draw < 0.35:
            return f"{sign}{rng.randint(2, 999)}"
        if draw < 0.6:
            return f"{sign}{rng.randint(1000, 99_999):,}"
        if draw < 0.75:
            return f"{sign}{rng.randint(1, 999)}.{rng.randint(0, 99):02d}"
        if draw < 0.9:
            tenth = rng.choice(["", f".{rng.randint(1, 9)}"])
            return f"{sign}{rng.randint(1, 99)}{tenth} {rng.choice(['million', 'billion'])}"
        return f"{rng.randint(5, 9000)} {rng.choice(['dollars', 'euros', 'pounds', 'francs', 'credits'])}"

    def date(self) -> str:
        month, day, year = (
            self.rng.choice(MONTHS),
            self.rng.randint(1, 28),
            self.rng.randint(1950, 2035),
        )
        numeric = f"{year}-{self.rng.randint(1, 12):02d}-{day:02d}"
        return self.any(
            f"{month} {day}",
            f"{month} {day}, {year}",
            f"{day} {month} {year}",
            numeric,
            f"{month} {year}",
        )

    def time(self) -> str:
        rng = self.rng
        half = rng.choice(["am", "pm", "AM", "PM"])
        return self.any(
            f"{rng.randint(1, 12)}:{rng.choice(['00', '15', '30', '45'])} {half}",
            f"{rng.randint(0, 23):02d}:{rng.randint(0, 59):02d}",
            f"{rng.randint(1, 12)} {rng.choice(['am', 'pm', chr(111) + chr(39) + 'clock'])}",
            "noon",
        )

    def code(self) -> str:
        draw, rng, letters = self.rng.random(), self.rng, "ABCDEFGHJKLMNPQRSTUVWXYZ"
        if draw < 0.4:
            head = "".join(rng.choices(letters, k=rng.choice([1, 2, 2, 3])))
            return head + rng.choice(["-", "", "-", " "]) + str(rng.randint(10, 9999))
        if draw < 0.7:
            head, tail = "".join(rng.choices(letters, k=2)), "".join(rng.choices(letters, k=2))
            return f"{head}{rng.randint(1, 99)}-{tail}"
        return str(rng.randint(100, 99_999))

    def email(self) -> str:
        if self.chance(0.6):
            box = self.pick("first").lower() + self.rng.choice(
                ["", "." + self.pick("last").lower()]
            )
        else:
            box = self.rng.choice(["help", "info", "support", "team", "sales", "hr", "desk"])
        return (
            box.replace(" ", "")
            + "@"
            + self.invented().lower()
            + self.rng.choice([".com", ".org", ".net", ".io"])
        )

    def team(self) -> str:
        heads = (
            "Platform People Finance Data Security Legal Growth Quality Customer Field Network Research Design Supply"
        ).split()
        tails = [
            "team",
            "Operations team",
            "department",
            "unit",
            "group",
            "office",
            "committee",
            "Board",
        ]
        head = self.rng.choice(heads) if self.chance(0.5) else self.name_word()
        return f"{head} {self.rng.choice(tails)}"

    def doing(self) -> str:
        verb = self.pick("verb")
        verb = (verb[:-1] if verb.endswith("e") else verb) + "ing"
        described = self.rng.choice([self.pick("adjective") + " ", ""])
        return f"{verb} {described}{self.pick('noun')}{self.rng.choice(['s', ''])}"

    def title(self) -> str:
        adjective, noun = capitalised(self.pick("adjective")), capitalised(self.pick("noun"))
        other = capitalised(self.pick("noun"))
        return self.any(
            f"The {adjective} {noun}",
            f"{noun} of {self.invented()}",
            f"{noun} and {other}",
            f"A {noun} in {self.town()}",
        )


_POOLS: dict[bool, dict[str, list[str]]] = {}


def _split_words(held_out: bool) -> dict[str, list[str]]:
    if held_out not in _POOLS:
        pools = {}
        for kind, words in load_words().items():
            shuffled = list(words)
            random.Random(7).shuffle(shuffled)
            cut = max(1, int(len(shuffled) * (1 - HELD_OUT_WORDS)))
            pools[kind] = (shuffled[cut:] or shuffled) if held_out else shuffled[:cut]
        _POOLS[held_out] = pools
    return _POOLS[held_out]
