"""The kinds of value and of thing that relations speak of, each a one-line recipe over a Maker."""
# ruff: noqa: E501, SIM905

from collections.abc import Callable

from reader.makers import (
    COLOURS,
    GROUPS,
    LANGUAGES,
    MONTHS,
    NUMBER_WORDS,
    WEEKDAYS,
    Maker,
    capitalised,
)


def _university(m: Maker) -> str:
    town = m.town()
    return m.any(
        f"{town} University",
        f"University of {town}",
        f"{m.pick('last')} College",
        f"{m.invented()} Institute",
    )


def _food(m: Maker) -> str:
    return m.any(
        lambda: m.pick("dish").lower(),
        lambda: f"{m.pick('adjective')} {m.pick('fruit').lower()}",
        lambda: m.pick("vegetable").lower() + " soup",
        lambda: m.pick("fruit").lower() + " pie",
    )


def _phone(m: Maker) -> str:
    if m.chance(0.6):
        return f"{m.rng.randint(200, 999)}-{m.rng.randint(100, 999)}-{m.rng.randint(1000, 9999)}"
    return f"extension {m.rng.randint(10, 9999)}"


def _room(m: Maker) -> str:
    return m.any(
        f"room {m.rng.randint(1, 40)}{m.rng.choice(['', '0', 'B', 'A'])}",
        f"Room {m.rng.randint(100, 999)}",
        f"building {m.rng.randint(1, 20)}",
        f"the {m.pick('room').lower()}",
        f"{m.name_word()} Hall",
    )


def _role(m: Maker) -> str:
    if m.chance(0.5):
        area = m.any(
            m.pick("industry").lower(), "finance", "people", "operations", "security", "sales"
        )
        return f"{m.rng.choice(['head', 'director', 'vice president', 'manager'])} of {area}"
    return f"{m.rng.choice(['regional', 'senior', 'chief', 'deputy', 'assistant'])} {m.pick('occupation')}"


def _storage(m: Maker) -> str:
    size = m.rng.choice([2, 4, 8, 16, 32, 64, 128, 256, 512, m.rng.randint(3, 900)])
    return f"{size} {m.rng.choice(['GB', 'TB', 'MB'])}"


def _command(m: Maker) -> str:
    word = m.invented().lower()
    program = m.any("make", "run", "start", "npm", "pip", "go", "sudo", word)
    action = m.any("install", "start", "build", "up", "serve", m.invented().lower())
    return f"{program} {action}{m.any('', ' --' + m.pick('noun'), ' ' + m.invented().lower())}"


def _path(m: Maker) -> str:
    head = m.any("/etc/", "~/.", "/opt/", "config/", "/var/lib/")
    return head + m.invented().lower() + m.any(".yml", ".conf", ".json", ".toml", "/settings.ini")


def _habitat(m: Maker) -> str:
    lands = "forests swamps deserts rivers caves meadows reefs mountains wetlands".split()
    described = m.any(m.pick("adjective") + " ", "")
    return described + m.rng.choice(lands) + m.any(" of " + m.pick("country"), "")


def _status(m: Maker) -> str:
    states = "on hold;on track;delayed;complete;under review;waiting for approval;in the design phase;almost finished;"
    return m.any(*(states + "blocked;cancelled").split(";"), m.pick("adjective"))


def _score(m: Maker) -> str:
    if m.chance(0.6):
        return f"{m.rng.randint(0, 9)}-{m.rng.randint(0, 9)}"
    return f"{m.rng.randint(40, 130)} to {m.rng.randint(40, 130)}"


def _address(m: Maker) -> str:
    street = m.any(m.pick("last"), capitalised(m.pick("noun")), m.invented())
    return f"{m.rng.randint(1, 999)} {street} {m.rng.choice(['Street', 'Road', 'Avenue', 'Lane', 'Square'])}"


def _place(m: Maker) -> str:
    spot = m.any(
        m.pick("container").lower(),
        m.pick("room").lower(),
        "cabinet",
        "drawer",
        "garage",
        "basement",
    )
    return "the " + m.any(m.pick("adjective") + " ", "") + spot


def _device(m: Maker) -> str:
    return (
        m.pick("adjective")
        + " "
        + m.any("laptop", "tablet", "phone", "desktop", "headset", "monitor", "workstation")
    )


def _vehicle(m: Maker) -> str:
    kinds = "van truck sedan motorbike bicycle scooter tractor jeep".split()
    return f"{m.pick('adjective')} {m.rng.choice(kinds)}"


def _part(m: Maker) -> str:
    kinds = "battery motor engine sensor pump turbine coil reactor chip spring".split()
    return m.any(m.pick("adjective"), m.pick("material").lower()) + " " + m.rng.choice(kinds)


VALUES: dict[str, Callable[[Maker], str]] = {
    "year": lambda m: str(m.rng.randint(1650, 2029)),
    "city": Maker.town,
    "occ": lambda m: m.pick("occupation"),
    "company": Maker.company,
    "person": Maker.person,
    "lang": lambda m: m.rng.choice(LANGUAGES),
    "uni": _university,
    "subject": lambda m: m.pick("subject").lower(),
    "inst": lambda m: m.pick("instrument"),
    "animal": lambda m: m.pick("animal"),
    "food": _food,
    "color": lambda m: m.rng.choice(COLOURS) if m.chance(0.5) else m.pick("shade"),
    "award": lambda m: f"{m.name_word()} {m.any('Prize', 'Medal', 'Award', 'Cup')}",
    "email": Maker.email,
    "phone": _phone,
    "room": _room,
    "team": Maker.team,
    "sport": lambda m: m.pick("sport").lower(),
    "height": lambda m: f"{m.rng.randint(150, 210)} cm",
    "age": lambda m: str(m.rng.randint(18, 99)),
    "money": Maker.money,
    "book": Maker.title,
    "date": Maker.date,
    "vehicle": _vehicle,
    "industry": lambda m: m.pick("industry").lower(),
    "count": Maker.count,
    "prod": lambda m: _product(m),
    "url": lambda m: m.any("www.", "https://") + m.invented().lower() + m.any(".com", ".org", ".net", ".example"),
    "percent": lambda m: m.any(f"{m.rng.randint(1, 100)}%", f"{m.rng.randint(1, 99)} percent", f"{m.decimal(0, 99)}%"),
    "weight": lambda m: m.measure(1, 900, ["kg", "grams", "pounds", "kilograms", "tons", "g"]),
    "material": lambda m: m.pick("material").lower(),
    "hours": lambda m: m.amount(["hours", "hours", "minutes", "days"], 2, 72),
    "duration": lambda m: m.amount(["months", "years", "weeks", "days", "hours"], 2, 36),
    "power": lambda m: m.measure(2, 3000, ["watts", "W", "kW", "kilowatts"]),
    "size": lambda m: m.measure(2, 900, ["meters", "cm", "feet", "inches", "mm", "m", "metres"]),
    "code": Maker.code,
    "temp": lambda m: f"{m.rng.randint(-40, 1900)} {m.any('degrees', 'degrees Celsius', '°C', '°F')}",
    "storage": _storage,
    "country": lambda m: m.pick("country"),
    "speed": lambda m: f"{m.rng.randint(3, 400)} {m.any('km/h', 'mph', 'knots', 'miles per hour')}",
    "volume": lambda m: m.measure(1, 500, ["liters", "gallons", "litres", "ml"]),
    "parts": _part,
    "river": lambda m: m.any(m.pick("river"), m.invented()) + m.any(" River", "", " Creek"),
    "bldg": lambda m: _building(m),
    "month": lambda m: m.rng.choice(MONTHS),
    "area": lambda m: f"{m.count()} {m.any('square kilometers', 'square miles', 'hectares', 'acres', 'sq km')}",
    "days": lambda m: m.amount(["days", "days", "business days", "working days", "calendar days"], 2, 90),
    "weeks": lambda m: m.amount(["weeks"], 2, 52),
    "months": lambda m: m.amount(["months", "weeks"], 2, 18),
    "role": _role,
    "weekday": lambda m: m.rng.choice(WEEKDAYS),
    "time": Maker.time,
    "software": lambda m: _software(m),
    "device": _device,
    "theme": lambda m: m.any(m.pick("technology"), m.pick("subject").lower(), f"{m.pick('noun')} and {m.pick('noun')}"),
    "version": lambda m: m.any(f"{m.rng.randint(0, 30)}.{m.rng.randint(0, 20)}", f"{m.rng.randint(0, 20)}.{m.rng.randint(0, 20)}.{m.rng.randint(0, 9)}"),
    "proglang": lambda m: m.pick("proglang"),
    "port": lambda m: str(m.rng.randint(20, 65_000)),
    "license": lambda m: m.any("MIT", "Apache", "BSD", "GPL", m.invented()) + " license",
    "seconds": lambda m: m.amount(["seconds", "milliseconds", "minutes"], 2, 900),
    "command": _command,
    "path": _path,
    "errcode": lambda m: m.any("E", "ERR-", "error ", "code ") + str(m.rng.randint(10, 9999)),
    "purpose": Maker.doing,
    "density": lambda m: f"{m.decimal(1, 20)} grams per cubic centimeter",
    "habitat": _habitat,
    "smallint": lambda m: m.rng.choice(NUMBER_WORDS) if m.chance(0.2) else str(m.rng.randint(2, 90)),
    "smallint3": lambda m: str(m.rng.randint(40, 1500)),
    "roomcode": lambda m: m.any(m.code(), m.invented().lower() + str(m.rng.randint(10, 999)), f"{m.pick('noun')}-{m.pick('noun')}"),
    "adjphrase": _status,
    "codeword": lambda m: m.name_word() + m.any("", " " + capitalised(m.pick("animal"))),
    "dose": lambda m: f"{m.rng.randint(1, 900)} {m.any('mg', 'ml', 'tablets', 'drops', 'milligrams')}",
    "symptom": lambda m: m.pick("symptom").lower(),
    "genre": lambda m: m.pick("genre").lower(),
    "score": _score,
    "address": _address,
    "cargo": lambda m: m.pick("material").lower() + m.any(" and " + m.pick("fruit").lower(), ""),
    "place": _place,
    "channel": lambda m: "#" + m.pick("noun") + m.any("", "-" + m.pick("noun"), "-help", "-team"),
    "form": lambda m: m.any(f"form {m.code()}", f"the {m.pick('noun')} form", f"the {m.pick('noun')} request page"),
    "doc": lambda m: m.any(f"the {m.pick('noun')} guide", f"chapter {m.rng.randint(2, 40)}", m.title()),
    "doing": Maker.doing,
    "rolewho": lambda m: m.any("your manager", "the team lead", "the director", "the people team", "your supervisor", "the " + m.team(), "the finance lead", "the program manager", m.person()),
    "frequency": lambda m: m.any("once a week", "twice a month", "every quarter", "once a year", "every Monday", "daily", "every two weeks", "monthly", "at least once a month", f"every {m.amount(['days', 'weeks', 'months'], 2, 12)}"),
    "limit": lambda m: m.any(f"up to {m.amount(['days', 'hours', 'people', 'pages', 'items'])}", f"no more than {m.money()}", f"at most {m.count()}", m.money()),
}  # fmt: skip


def _product(m: Maker) -> str:
    mark = m.any("X", "Pro", "Mini", "Max", "Z", "S", "", "")
    kinds = "drill camera printer heater lamp router pump scooter drone fan oven bike".split()
    return m.any(
        lambda: f"the {m.invented()} {mark}{m.rng.randint(2, 990)}",
        lambda: f"the {m.name_word()} {m.pick('appliance')}",
        lambda: f"the {m.invented()}",
        lambda: f"the {m.pick('adjective')} {m.pick('appliance')}",
        lambda: f"the {m.code()} {m.rng.choice(kinds)}",
    )


def _software(m: Maker) -> str:
    made = m.invented()
    return m.any(
        made,
        made + m.any("DB", "JS", "Cloud", "Kit", " Server", " Desk"),
        m.name_word() + m.any(" Board", " Sync", " CLI", " Hub"),
    )


def _building(m: Maker) -> str:
    kinds = "Tower Hall Museum Library Center Arena Theater House Bridge".split()
    other = f"the {m.pick('last')} {m.any('Building', 'Museum', 'Theater', 'Stadium')}"
    return m.any(f"{m.name_word()} {m.rng.choice(kinds)}", other)


def _event(m: Maker) -> str:
    kinds = "Conference Festival Summit Marathon Workshop Fair Meeting Cup Forum Retreat".split()
    return f"the {m.any('', f'{m.rng.randint(2, 40)}th ', 'annual ')}{m.name_word()} {m.rng.choice(kinds)}"


def _contract(m: Maker) -> str:
    return m.any(
        f"contract {m.code()}", f"the {m.name_word()} agreement", f"the {m.company()} contract", f"agreement {m.code()}", f"the {m.pick('noun')} lease"
    )  # fmt: skip


def _plan(m: Maker) -> str:
    names = "Basic Premium Gold Silver Starter Business Family Enterprise".split()
    return f"the {m.any(*names, m.name_word())} {m.any('plan', 'tier', 'package', 'subscription')}"


def _species(m: Maker) -> str:
    head = m.any(m.pick("adjective"), m.invented(), m.rng.choice(COLOURS))
    return f"the {head} {m.pick('plant').lower() if m.chance(0.15) else m.pick('animal')}"


def _course(m: Maker) -> str:
    subject = m.pick("subject")
    return m.any(
        f"{subject} {m.rng.randint(100, 499)}",
        f"the course on {subject.lower()}",
        f"Introduction to {subject}",
    )


def _project(m: Maker) -> str:
    return m.any(
        f"Project {m.name_word()}", f"the {m.name_word()} project", f"the {m.pick('noun')} initiative", f"the {m.pick('adjective')} {m.pick('noun')} program"
    )  # fmt: skip


def _process(m: Maker) -> str:
    """A thing an office handbook has rules about: `the noise request`, `travel approval`."""
    kinds = "request review approval process checklist form survey training ticket report".split()
    fields = "travel expense leave hiring security onboarding purchase access equipment parental training visa budget".split()
    return m.any(
        f"the {m.any(m.pick('noun'), *fields)} {m.rng.choice(kinds)}",
        f"{m.rng.choice(fields)} {m.rng.choice(kinds)}s",
    )


ENTITIES: dict[str, Callable[[Maker], str]] = {
    "person": Maker.person,
    "company": Maker.company,
    "product": _product,
    "city": Maker.town,
    "policy": lambda m: m.rng.choice(GROUPS) + m.any("", "", "", " in " + m.town(), " at " + m.company()),
    "event": _event,
    "contract": _contract,
    "software": _software,
    "support": _plan,
    "material": lambda m: m.any(m.invented().lower() + m.any("ium", "ite", "ol", "ane"), m.pick("material").lower()),
    "species": _species,
    "building": _building,
    "course": _course,
    "project": _project,
    "medicine": lambda m: m.invented() + m.any("ol", "ine", "ix", "ab", "um"),
    "book": Maker.title,
    "team": lambda m: m.any(f"the {m.town()} {capitalised(m.pick('animal'))}s", f"{m.town()} United", f"the {m.name_word()} {capitalised(m.pick('noun'))}s"),
    "restaurant": lambda m: m.any(f"{m.pick('first')}'s {m.any('Kitchen', 'Diner', 'Place', 'Grill')}", f"The {capitalised(m.pick('adjective'))} {capitalised(m.pick('animal'))}", f"Cafe {m.name_word()}"),
    "ship": lambda m: m.any("the ", "the MS ", "the HMS ") + m.name_word(),
    "rule": lambda m: m.any(f"Rule {m.rng.randint(2, 300)}", f"the {m.name_word()} Act", f"Section {m.rng.randint(2, 90)}.{m.rng.randint(1, 20)}", f"the {m.pick('noun')} regulation"),
    "item": lambda m: m.any(f"the {m.pick('object')}", f"the {m.pick('adjective')} {m.pick('object')}", f"the {m.pick('clothing')}"),
    "process": _process,
}  # fmt: skip

# How a paragraph refers back to a thing that it has named.
REFERENCES = {
    "product": ["the device", "the product", "the unit", "the model"],
    "company": ["the company", "the firm", "the business"],
    "city": ["the town", "the city", "the place"],
    "event": ["the event"],
    "contract": ["the agreement", "the contract"],
    "software": ["the tool", "the application", "the system"],
    "support": ["the plan"],
    "material": ["the substance", "the material"],
    "species": ["the species", "the animal"],
    "building": ["the building", "the site"],
    "course": ["the course", "the class"],
    "project": ["the project"],
    "medicine": ["the drug", "the medicine"],
    "book": ["the book"],
    "team": ["the team", "the club"],
    "restaurant": ["the restaurant"],
    "ship": ["the ship", "the vessel"],
    "rule": ["the rule"],
    "process": ["the process", "this step"],
}
