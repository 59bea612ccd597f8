"""What the runs of a project show: figures per run, comparisons, breakdowns, money."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Literal

from dsmr.core.cost import Cost, OneOff, Price, hardware, priced
from dsmr.core.data import EvalSet, Question
from dsmr.core.run import Adapter, Run, Score
from dsmr.core.scoring import METRICS, RECALL, metrics_of
from dsmr.core.stats import (
    Comparison,
    Estimate,
    compare_all,
    mean_of_attempts,
    percentile,
    summarise,
)
from dsmr.market.prices import find_price
from dsmr.store.queue import Progress
from dsmr.store.records import Store
from dsmr.store.runs import Usage

Values = dict[str, float | None]


@dataclass(frozen=True, slots=True)
class Pricing:
    """How local runs are turned into money."""

    usd_per_hour: float = 0.10  # of the machine; an assumption until the user says better
    priced_as: str | None = None  # a listed model whose token prices are used instead


@dataclass(frozen=True, slots=True)
class Result:
    """One run with its figures. An Estimate is None where nothing could be graded or timed."""

    run: Run
    created: float  # unix seconds
    progress: Progress
    metrics: dict[str, Estimate]  # by metric name, as far as the questions allow it
    recall: Estimate | None  # of retrieval: a gold source among the passages
    usage: Usage
    cost: Cost | None  # None: no price is known
    spent_usd: float | None  # really spent: replies from the cache cost nothing
    training: Adapter | None
    training_usd: float | None
    indexing_usd: float | None  # of embedding the documents, once; None: nothing is searched
    p50: Estimate | None  # seconds, from the latency probe
    p95: Estimate | None
    ttft: Estimate | None  # median seconds to the first token

    @property
    def once(self) -> OneOff:
        """What was paid once, apart from every question's cost."""
        return OneOff(training=self.training_usd or 0.0, indexing=self.indexing_usd or 0.0)

    @property
    def finished(self) -> bool:
        return self.progress.state == "done"

    @property
    def data(self) -> tuple[object, ...]:
        """Runs are comparable when this is equal."""
        return (self.run.evalset_id, self.run.corpus_id, self.run.split, self.run.limit)


# --- money ------------------------------------------------------------------------------------


def pricing(store: Store) -> Pricing:
    return Pricing(**store.setting("pricing", {}))


def save_pricing(store: Store, chosen: Pricing) -> None:
    store.put_setting("pricing", asdict(chosen))


def own_prices(store: Store) -> dict[str, Price]:
    """The user's own price sheet, by model name."""
    return {name: Price(**row) for name, row in store.setting("prices", {}).items()}


def save_own_price(store: Store, price: Price) -> None:
    store.put_setting("prices", {**store.setting("prices", {}), price.model: price.as_dict()})


def price_of(store: Store, run: Run) -> Price | None:
    """The token price of a run: the user's own, else the listed one; None: by machine time."""
    name = run.recipe.model.name if run.recipe.model.endpoint else pricing(store).priced_as
    if not name:
        return None
    return own_prices(store).get(name) or find_price(name)


def _money(store: Store, run: Run, usage: Usage) -> tuple[Cost | None, float | None]:
    answered = usage.answers - usage.failed
    price = price_of(store, run)
    if price is not None:
        listed, spent = priced(usage.tokens, price), priced(usage.spent_tokens, price)
    elif run.recipe.model.endpoint:
        return None, None
    else:
        rate = pricing(store).usd_per_hour
        listed, spent = hardware(usage.seconds, rate), hardware(usage.spent_seconds, rate)
    return Cost(listed, usage.tokens, answered), spent


# --- figures ----------------------------------------------------------------------------------


def results(store: Store, project_id: str, purpose: str = "compare") -> list[Result]:
    """All runs of a project, oldest first, unfinished ones with what they have."""
    progress = {p.run_id: p for p in store.queue.progress(project_id)}
    created, evalsets = store.runs.created(project_id), _Evalsets(store)
    return [
        _result(store, run, created[run.id], progress[run.id], evalsets.get(run.evalset_id))
        for run in store.runs.all(project_id)
        if run.id in progress and run.purpose == purpose
    ]


def result(store: Store, run_id: str) -> Result:
    """Raises InputError when there is no such run."""
    run = store.runs.get(run_id)
    progress = {p.run_id: p for p in store.queue.progress(run.project_id)}
    created = store.runs.created(run.project_id)[run_id]
    return _result(store, run, created, progress[run_id], store.projects.evalset(run.evalset_id))


class _Evalsets:
    def __init__(self, store: Store) -> None:
        self.store, self.held = store, dict[str, EvalSet]()

    def get(self, evalset_id: str) -> EvalSet:
        if evalset_id not in self.held:
            self.held[evalset_id] = self.store.projects.evalset(evalset_id)
        return self.held[evalset_id]


def _result(store: Store, run: Run, created: float, progress: Progress, evalset: EvalSet) -> Result:
    asked = evalset.only(run.split, run.limit)
    by_metric: dict[str, list[Score]] = {}
    for score in store.runs.scores(run.id):
        by_metric.setdefault(score.metric, []).append(score)
    clusters, usage = sources(asked), store.runs.usage(run.id)
    metrics = {}
    for metric in METRICS:
        scores = _with_missing(by_metric.get(metric, []), metric, asked)
        estimate = summarise(scores, clusters) if scores else None
        if estimate:
            metrics[metric] = estimate
    cost, spent = _money(store, run, usage)
    training = _training(store, run)
    rate = pricing(store).usd_per_hour
    indexed = store.runs.provenance(run.id).get("indexing_seconds")
    timed = store.runs.latencies(run.id)
    seconds = [one.seconds for one in timed]
    first = [s for one in timed if (s := one.seconds_to_first_token) is not None]
    return Result(
        run, created, progress, metrics, summarise(by_metric.get(RECALL, []), clusters),
        usage, cost, spent, training,
        hardware(training.seconds, rate) if training else None,
        hardware(indexed, rate) if indexed is not None else None,
        percentile(seconds, 50) if seconds else None,
        percentile(seconds, 95) if seconds else None,
        percentile(first, 50) if first else None,
    )  # fmt: skip


def _with_missing(scores: list[Score], metric: str, asked: Sequence[Question]) -> list[Score]:
    """Scores of a metric, with an empty one for each question that has none yet."""
    known = {s.question_id for s in scores}
    unasked = [q.id for q in asked if metric in metrics_of(q) and q.id not in known]
    return scores + [Score(q, metric, None, "not asked yet") for q in unasked]


def _training(store: Store, run: Run) -> Adapter | None:
    if not run.recipe.tuning:
        return None
    adapter_id = store.runs.provenance(run.id).get("adapter")
    return store.adapter(adapter_id) if adapter_id else None


def sources(questions: Iterable[Question]) -> dict[str, str]:
    """Question id to source document: questions on one document stand or fall together."""
    return {q.id: q.sources[0] for q in questions if q.sources}


# --- comparisons ------------------------------------------------------------------------------


def latest(found: Sequence[Result]) -> list[Result]:
    """The newest finished run of each recipe, on the data of the newest finished run."""
    done = [r for r in found if r.finished]
    if not done:
        return []
    newest = max(done, key=lambda r: r.created).data
    by_recipe = {r.run.recipe.id: r for r in done if r.data == newest}
    return sorted(by_recipe.values(), key=lambda r: r.created)


def labels(found: Sequence[Result]) -> dict[str, str]:
    """A name for each run: its recipe's, with the model's where two would be alike."""
    names = [r.run.recipe.name for r in found]
    return {
        r.run.id: r.run.recipe.name
        if names.count(r.run.recipe.name) == 1
        else f"{r.run.recipe.name} · {r.run.recipe.model.name.rstrip('/').rsplit('/', 1)[-1]}"
        for r in found
    }


def values(store: Store, run_id: str, metric: str) -> Values:
    """Score by question id, the mean of its attempts; None: asked but not graded."""
    attempts: dict[int, Values] = {}
    for score in store.runs.scores(run_id, metric):
        attempts.setdefault(score.attempt, {})[score.question_id] = score.value
    return mean_of_attempts(list(attempts.values()))


def compare_with(
    store: Store, baseline_run_id: str, run_ids: Sequence[str], metric: str
) -> dict[str, Comparison]:
    """Paired comparison of each run with the baseline, adjusted by Holm over all of them."""
    run = store.runs.get(baseline_run_id)
    clusters = sources(store.projects.evalset(run.evalset_id).questions)
    candidates = {r: values(store, r, metric) for r in run_ids if r != baseline_run_id}
    return compare_all(values(store, baseline_run_id, metric), candidates, clusters)


def breakdown(
    store: Store, run_id: str, metric: str, by: Literal["kind", "tag"] = "kind"
) -> dict[str, Estimate]:
    """One metric by kind of question or by tag; only groups with something graded."""
    run = store.runs.get(run_id)
    groups: dict[str, set[str]] = {}
    for question in store.projects.evalset(run.evalset_id).questions:
        for name in (question.kind,) if by == "kind" else question.tags:
            groups.setdefault(name, set()).add(question.id)
    scores, found = store.runs.scores(run_id, metric), {}
    for name, ids in sorted(groups.items()):
        estimate = summarise([s for s in scores if s.question_id in ids])
        if estimate:
            found[name] = estimate
    return found


def as_dict(result: Result) -> dict[str, object]:
    """The run as the command line writes it to JSON."""
    run, usage = result.run, result.usage
    shown: Mapping[str, object] = {
        name: {"mean": e.mean, "low": e.low, "high": e.high, "n": e.n, "missing": e.missing}
        for name, e in result.metrics.items()
    }
    mean = lambda estimate: estimate.mean if estimate else None  # noqa: E731
    return {
        "run": run.id,
        "recipe": run.recipe.name,
        "settings": asdict(run.recipe),
        "state": result.progress.state,
        "error": result.progress.error,
        "n": usage.answers,
        "missing": usage.failed,
        "seconds": result.progress.worked_seconds,
        "metrics": shown,
        "retrieval": {
            "recall_at_k": mean(result.recall),
            "k": run.recipe.retrieval.top_k if run.recipe.retrieval else None,
            "n": result.recall.n if result.recall else 0,
        },
        "tokens": {
            "in": usage.tokens.uncached_in + usage.tokens.cache_write,
            "cached_in": usage.tokens.cached_in,
            "out": usage.tokens.out,
        },
        "usd": {
            "per_mtok": result.cost.per_mtok if result.cost else None,
            "per_1k_questions": result.cost.per_1k_questions if result.cost else None,
            "training": result.training_usd or 0.0,
            "indexing": result.indexing_usd or 0.0,
            "spent": result.spent_usd,
        },
        "latency": {
            "p50": mean(result.p50),
            "p95": mean(result.p95),
            "ttft_p50": mean(result.ttft),
            "n": result.p50.n if result.p50 else 0,
        },
    }
