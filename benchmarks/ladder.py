"""Times the whole ladder on the sample project and prints where the time goes.

Run it from the repository: `python benchmarks/ladder.py [--limit N] [--recipes a,b]`.
Every run is real, in a fresh home; nothing is taken from a cache.
"""

import argparse
import resource
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from dsmr.core.recipe import LADDER, Model, preset
from dsmr.store.records import Store
from dsmr.work import jobs
from dsmr.work.evaluate import evaluate, probe, probe_sample
from dsmr.work.prepare import prepare
from dsmr.work.results import result
from dsmr.work.sample import install_sample


class Clock:
    """Adds up the seconds between reports, by stage."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)
        self.stage, self.since = "start", time.perf_counter()

    def enter(self, stage: str) -> None:
        now = time.perf_counter()
        self.seconds[self.stage] += now - self.since
        self.stage, self.since = stage, now

    def report(self, stage: str, done: int, total: int, note: str = "") -> None:
        self.enter(stage)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--limit", type=int, default=None)
    parser.add_argument("--recipes", default=",".join(LADDER))
    parser.add_argument("--model", default="reader")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        started = time.perf_counter()
        store = Store(Path(home))
        project = install_sample(store)
        print(f"sample project read in {time.perf_counter() - started:.1f} s")
        stages = ("index", "training", "model", "answers", "latency")
        print(f"{'recipe':18}", *(f"{stage:>9}" for stage in stages), f"{'total':>9}  tokens/s")
        whole = Clock()
        for name in chosen.recipes.split(","):
            _one(store, project.id, preset(name, Model(chosen.model)), chosen.limit, stages, whole)
        total = sum(whole.seconds.values())
        shares = "  ".join(f"{stage} {whole.seconds[stage] / total:.0%}" for stage in stages)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"whole ladder {total / 60:.1f} min: {shares}; peak memory {peak:,.0f} MB")


def _one(store, project_id, recipe, limit, stages, whole) -> None:
    run = store.runs.get(jobs.submit(store, project_id, recipe, limit=limit))
    owner = "benchmark"
    store.queue.claim(owner)
    clock = Clock()
    evalset = store.projects.evalset(run.evalset_id)
    documents = store.projects.corpus(run.corpus_id)
    kit = prepare(store, recipe, documents, evalset, clock.report)
    clock.enter("answers")
    questions = jobs.asked(store, run)
    store.runs.add_answers(run.id, owner, list(evaluate(questions, kit)))
    clock.enter("latency")
    for latency in probe(probe_sample(questions), kit):
        store.runs.add_latency(run.id, latency)
    kit.engine.close()
    clock.enter("end")
    store.queue.finish(run.id, owner, "done", "", 0.0)
    for stage in stages:
        whole.seconds[stage] += clock.seconds[stage]
    usage, spent = result(store, run.id).usage, clock.seconds["answers"]
    print(
        f"{recipe.name:18}",
        *(f"{clock.seconds[stage]:9.1f}" for stage in stages),
        f"{sum(clock.seconds.values()):9.1f}  {usage.tokens.total / max(spent, 1e-9):8.0f}",
        flush=True,
    )


if __name__ == "__main__":
    main()
