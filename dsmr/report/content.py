"""What the report says besides its charts: verdict, leaderboard, method, provenance, failures."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from dsmr.core.recipe import Recipe
from dsmr.core.run import Answer
from dsmr.core.stats import Comparison, whole_percent
from dsmr.report.pictures import FACTS, FORM, Scene
from dsmr.work import kshot, ratings
from dsmr.work.results import Result, pricing

WRONG_SHOWN = 20
LONGEST = 600  # characters of a text in the report; the files of answers hold all of it
KINDS = {
    "fact": "fact",
    "form": "form",
    "mixed": "fact and form",
    "unanswerable": "unanswerable",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the leaderboard, as text."""

    name: str
    technique: str
    cells: tuple[str, ...]


HEAD = (
    "Facts", "95 % interval", "Form", "n", "Missing", "Over baseline", "Won : lost", "p",
    "USD per 1,000", "Paid once", "Median", "p95",
)  # fmt: skip


def leaderboard(scene: Scene) -> list[Line]:
    """Best first by facts, then by form."""
    ranked = scene.with_metric(FACTS) or scene.with_metric(FORM)
    rest = [r for r in scene.rows if r not in ranked]
    return [_line(scene, row) for row in (*ranked, *rest)]


def _line(scene: Scene, row: Result) -> Line:
    facts, form = row.metrics.get(FACTS), row.metrics.get(FORM)
    main = FACTS if facts else FORM
    shown, found = facts or form, scene.compared.get(main, {}).get(row.run.id)
    p_value = (found.p_adjusted if found.p_adjusted is not None else found.p_value) if found else 0
    once = row.once
    cells = (
        _percent(facts.mean) if facts else "–",
        f"{whole_percent(shown.low)}–{_percent(shown.high)}" if shown else "–",
        _percent(form.mean) if form else "–",
        f"{shown.n:,}" if shown else "0",
        f"{shown.missing:,}" if shown else f"{row.usage.failed:,}",
        _over(found) if found else "baseline",
        f"{found.wins} : {found.losses}" if found else "",
        ("< 0.001" if p_value < 0.001 else f"{p_value:.3f}") if found else "",
        _usd(row.cost.per_1k_questions) if row.cost else "–",
        _usd(once.total) if once.total else "–",
        f"{row.p50.mean:.2f} s" if row.p50 else "–",
        f"{row.p95.mean:.2f} s" if row.p95 else "–",
    )
    return Line(scene.name(row), row.run.recipe.technique, cells)


def _over(found: Comparison) -> str:
    gain = found.difference
    return f"{_points(gain.mean)} ({_points(gain.low)} to {_points(gain.high)})"


def method(scene: Scene) -> list[tuple[str, str]]:
    """How the figures were made, in plain words."""
    run = scene.rows[0].run
    evalset = scene.store.projects.evalset(run.evalset_id)
    asked = evalset.only(run.split)
    kinds = Counter(q.kind for q in asked)
    mix = ", ".join(f"{n} {KINDS[kind]}" for kind, n in kinds.items())
    money = pricing(scene.store)
    priced = f"as {money.priced_as}" if money.priced_as else f"at ${money.usd_per_hour:g} an hour"
    limited = f", {run.limit} of them asked" if run.limit else ""
    return [
        ("The questions", f"{len(asked)} of the {run.split} split ({mix}){limited}. Nothing was "
         "tuned on them: examples and training use the train split only."),
        ("Right answer", "An accepted answer occurs in the reply, whole and in order; for an "
         "unanswerable question, the reply says that it does not know."),
        ("Right form", "The reply matches the pattern or JSON schema that the question asks for."),
        ("Missing", "A model that failed gave no answer. It is counted beside the mean and never "
         "as wrong."),
        ("95 % interval", "The range that holds the true figure 95 times out of 100. Questions on "
         "the same document stand or fall together, and the intervals allow for it."),
        ("Differences", "Always on the same questions, pair by pair: McNemar's mid-p test with "
         "Tango's interval, or clustered by document. p-values are corrected by Holm for the "
         "number of recipes. A difference inside its interval is called nothing."),
        ("Cost", f"Tokens at list price for endpoints; local runs {priced}. Training is kept "
         "apart, and so is what was really spent, since repeated replies cost nothing."),
        ("Latency", "A sample of questions asked one at a time, nothing served from a cache."),
        ("Would tuning help", "Accuracy against more and more worked examples, drawn three "
         "times. Flat at the end: tuning on more of the same will hardly help. "
         + _doubt()),
        ("Verdict", "Worked out by fixed rules from these figures; a sentence that claims "
         "something rests on an interval or a corrected p-value, never on a mean alone."),
    ]  # fmt: skip


def _doubt() -> str:
    known = kshot.failures()
    return known[0].sentence if known else ""


def cautions(scene: Scene) -> list[str]:
    """Steps of the ladder that were left out, and runs that are not shown."""
    techniques = {r.run.recipe.technique for r in scene.rows}
    looked = len(scene.store.projects.looked_at(scene.project_id))
    said = []
    if looked == 0:
        said.append("Nobody has marked questions as read yet: wrong answer keys may be among them.")
    if techniques & {"tuned", "tuned + retrieval"}:
        before = [t for t in ("prompt", "few-shot", "retrieval") if t not in techniques]
        if before:
            said.append(f"Fine-tuning was tried without {' and '.join(before)} to compare with.")
    data = scene.rows[0].data
    others = sum(r.finished and r.data != data for r in scene.every)
    if others:
        said.append(f"{others} finished runs on other data or questions are not shown here.")
    return said


# --- provenance -------------------------------------------------------------------------------


def provenance(scene: Scene) -> list[tuple[str, list[tuple[str, str]]]]:
    """For each run its settings, versions, hashes, price and spending."""
    return [(scene.name(row), list(_facts(scene, row))) for row in scene.rows]


def _facts(scene: Scene, row: Result) -> Iterator[tuple[str, str]]:
    run, made = row.run, scene.store.runs.provenance(row.run.id)
    yield "Run", run.id
    yield from _settings(run.recipe)
    yield (
        "Questions",
        f"{run.evalset_id}, {run.split} split" + (f", {run.limit} asked" if run.limit else ""),
    )
    yield "Documents", run.corpus_id
    for key in ("engine", "adapter", "embedder", "machine", "python", "dsmr"):
        if made.get(key):
            yield key.capitalize() if key != "dsmr" else "DSMR", str(made[key])
    packages = made.get("packages") or {}
    yield "Packages", ", ".join(f"{name} {version}" for name, version in packages.items())
    price = made.get("price")
    if price:
        made_of = f"{price['provider']}/{price['model']}"
        each = f"${price['input']:g} in, ${price['output']:g} out per million tokens"
        yield "Price when submitted", f"{made_of}: {each} ({price['source']}, {price['date']})"
    tokens = row.usage.tokens
    yield (
        "Tokens",
        (
            f"{tokens.uncached_in:,} read, {tokens.cached_in:,} read from a cache, {tokens.out:,} "
            f"written; {tokens.total:,} in all"
        ),
    )
    if row.cost:
        yield "List cost", _usd(row.cost.usd)
    if row.spent_usd is not None:
        yield "Really spent", f"{_usd(row.spent_usd)}, {row.usage.repeated:,} replies repeated"
    if row.training:
        t = row.training
        yield (
            "Training",
            f"{t.rows:,} rows, {t.steps:,} steps, {t.tokens:,} tokens, " + (f"{t.seconds:,.0f} s"),
        )


def _settings(recipe: Recipe) -> Iterator[tuple[str, str]]:
    """Every field that is set, parts spelled out."""
    for name, value in asdict(replace(recipe, name="")).items():
        if name == "name" or value in (None, "", 0, 0.0):
            continue
        shown = value
        if isinstance(value, dict):
            shown = ", ".join(
                f"{k.replace('_', ' ')} {v}" for k, v in value.items() if v is not None
            )
        yield name.replace("_", " ").capitalize(), str(shown)


def graders(scene: Scene) -> list[tuple[str, ...]]:
    """How far people, the automatic score and judges agree; empty where nobody else graded."""
    run_ids = [r.run.id for r in scene.rows]
    return [
        (
            f"{one.first} and {one.second}",
            f"{one.found.share.n}",
            f"{_percent(one.found.share.mean)} ({whole_percent(one.found.share.low)}–"
            f"{_percent(one.found.share.high)})",
            f"{k.mean:.2f} ({k.low:.2f} to {k.high:.2f})" if (k := one.found.kappa) else "–",
        )
        for one in ratings.together(scene.store, run_ids)
    ]


def judges(scene: Scene) -> list[str]:
    """Who judged, with which wording, how steadily, at what cost."""
    run_ids = [r.run.id for r in scene.rows]
    flips = {one.rater: one.flips for one in ratings.steadiness(scene.store, run_ids)}
    said = []
    for one in ratings.dockets(scene.store, run_ids):
        text = f"{one.judge}, wording {one.prompt_hash}: {one.verdicts} verdicts"
        flip = flips.get(one.judge)
        if flip:
            text += f", changes its mind in {_percent(flip.mean)} of {flip.n} swapped pairs"
        said.append(f"{text}, {_usd(one.usd) if one.usd is not None else 'no price known'}.")
    return said


# --- answers ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Told:
    """One question with what recipes replied."""

    question: str
    accepted: str
    kind: str
    replies: tuple[tuple[str, str, str], ...]  # recipe, reply, "right", "wrong", "" or "failed"


def failures(scene: Scene) -> list[tuple[str, str, int]]:
    """(recipe, what went wrong, how often): failed answers, and runs that did not finish."""
    found = []
    for row in scene.rows:
        if row.usage.failed:
            answers = scene.store.runs.answers(row.run.id).values()
            reasons = Counter(a.failure for a in answers if a.failure)
            found += [(scene.name(row), str(reason), n) for reason, n in reasons.most_common(5)]
    for row in scene.every:
        if row.progress.state in ("failed", "cancelled"):
            why = row.progress.error or "cancelled"
            found.append((row.run.recipe.name, f"the run did not finish: {why}", 1))
    return found


def wrong(scene: Scene) -> tuple[str, list[Told]]:
    """What the best recipe got wrong, most telling first: the name and the questions."""
    best = scene.with_metric(FACTS) or scene.with_metric(FORM)
    row = best[0]
    metric = FACTS if FACTS in row.metrics else FORM
    scores = {s.question_id: s.value for s in scene.store.runs.scores(row.run.id, metric)}
    ids = [q for q, value in scores.items() if value is not None and value < 0.5]
    return scene.name(row), _told(scene, [row], ids[:WRONG_SHOWN], metric)


def appendix(scene: Scene, most: int) -> list[Told]:
    """Questions with the replies of baseline, best untuned and best tuned recipe."""
    ranked = scene.with_metric(FACTS) or scene.with_metric(FORM)
    picked = [scene.baseline]
    for tuned in (False, True):
        best = next((r for r in ranked if bool(r.run.recipe.tuning) == tuned), None)
        if best and best not in picked:
            picked.append(best)
    run = scene.rows[0].run
    asked = [q.id for q in scene.store.projects.evalset(run.evalset_id).only(run.split)]
    metric = FACTS if scene.with_metric(FACTS) else FORM
    return _told(scene, picked, asked[:most], metric)


def _told(scene: Scene, rows: Sequence[Result], ids: Sequence[str], metric: str) -> list[Told]:
    questions = {q.id: q for q in scene.store.projects.evalset(rows[0].run.evalset_id).questions}
    answers = {r.run.id: scene.store.runs.answers(r.run.id) for r in rows}
    scores = {
        r.run.id: {s.question_id: s.value for s in scene.store.runs.scores(r.run.id, metric)}
        for r in rows
    }
    told = []
    for id in ids:
        question = questions[id]
        replies = tuple(
            (scene.name(r), *_reply(answers[r.run.id].get(id), scores[r.run.id].get(id)))
            for r in rows
            if id in answers[r.run.id]
        )
        if replies:
            accepted = " | ".join(question.accepted) or "none: right is to say so"
            told.append(Told(_cut(question.text), _cut(accepted), KINDS[question.kind], replies))
    return told


def _reply(answer: Answer | None, score: float | None) -> tuple[str, str]:
    if answer is None or answer.reply is None:
        return (answer.failure or "" if answer else "", "failed")
    mark = "" if score is None else "right" if score >= 0.5 else "wrong"
    return _cut(answer.reply.text), mark


def documents(scene: Scene) -> list[dict[str, Any]]:
    return [
        {"name": d.name, "characters": d.characters, "pages": d.pages}
        for d in scene.store.projects.document_rows(scene.project_id)
    ]


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1].rstrip() + "…"


def _percent(share: float) -> str:
    return f"{whole_percent(share)} %"


def _points(share: float) -> str:
    return f"{whole_percent(share):+d}".replace("-", "−")


def _usd(amount: float | None) -> str:
    if amount is None:
        return "–"
    if amount >= 0.1 or amount == 0:
        return f"${amount:,.2f}"
    return f"${amount:.4f}" if amount >= 0.0001 else f"${amount:.1e}"
