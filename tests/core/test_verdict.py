"""The verdict names the right next step, says when it cannot tell, and noise never helps it."""

from collections import Counter
from dataclasses import replace

import numpy
import pytest

from dsmr.core.evidence import Evidence, Result, Retrieved, weigh
from dsmr.core.plateau import Plateau
from dsmr.core.stats import Comparison, Estimate
from dsmr.core.verdict import advise, more_questions
from tests.core.worlds import CASES, TECHNIQUES, bottleneck, named, smallest, world


def estimate(mean, reach=0.03, n=400):
    return Estimate(mean, max(0.0, mean - reach), min(1.0, mean + reach), n)


def compared(mean, reach, n=200):
    low, high = mean - reach, mean + reach
    sure = "better" if low > 0 else "worse" if high < 0 else "cannot tell"
    return Comparison(Estimate(mean, low, high, n), 0.01, 9, 3, 0.01, 0.09, sure)


def ladder(facts=0.6, form=0.6, **more):
    rows = [
        Result("baseline", "baseline", estimate(0.3), estimate(0.3)),
        Result("rag", "retrieval", estimate(facts), estimate(form), usd_per_1k=2.0),
        *more.pop("tuned", ()),
    ]
    rival = {"facts": "rag", "form": "rag"}
    return Evidence(400, 40, tuple(rows), "baseline", rival=rival, **more)


TUNED = Result("fine-tuned-rag", "tuned + retrieval", estimate(0.6), estimate(0.9), 3.0)


def tuning(facts, form):
    return {("facts", TUNED.name): facts, ("form", TUNED.name): form}


def test_a_missing_run_comes_first():
    assert advise(Evidence(100, 5, (), None))[0].action == "run first"
    only = Evidence(100, 5, (Result("baseline", "baseline", estimate(0.3)),), "baseline")
    assert "before thinking of tuning" in advise(only)[0].sentence
    plain = Result("few-shot", "few-shot", estimate(0.4))
    short = replace(only, results=(*only.results, plain), rival={"facts": "few-shot"})
    assert "with retrieval" in advise(short)[0].sentence


def test_the_size_of_the_set_is_told_with_what_it_would_take():
    told = tuning(compared(0.0, 0.03), compared(0.3, 0.05))
    size = next(a for a in advise(ladder(tuned=(TUNED,), tuning=told)) if a.view == "questions")
    assert "differences of about 9.0 points" in size.sentence
    assert size.numbers["more"] == 900 and "add about 900 questions" in size.sentence


def test_good_enough_means_stop():
    first = advise(ladder(0.96, 0.97))[0]
    assert first.action == "stop here" and first.certain
    assert "96%" in first.sentence and "$2.00 per 1,000 questions" in first.sentence


def test_form_that_falls_short_calls_for_tuning():
    first = advise(ladder(0.95, 0.5))[0]
    assert first.action == "fine-tune" and first.sentence.startswith("Fine-tune, for form")


def test_a_flat_curve_without_a_need_for_form_says_do_not():
    flat = Plateau((), (), "flattened", "It is flat.", estimate(0.0, 0.01), 0.05)
    first = advise(ladder(0.8, 0.95, probe=flat))[0]
    assert first.action == "do not fine-tune" and first.view == "probe"


def test_tuning_that_gains_form_and_keeps_facts():
    told = tuning(compared(0.0, 0.03), compared(0.3, 0.05))
    first = advise(ladder(tuned=(TUNED,), tuning=told))[0]
    assert first.action == "fine-tune" and first.numbers["form_low"] == pytest.approx(0.25)
    assert first.sentence == (
        "Fine-tune, for form: fine-tuned-rag adds 30.0 points (25.0 to 35.0) of form over rag, "
        "at $3.00 per 1,000 questions. Facts stay (+0.0 points (-3.0 to +3.0))."
    )


def test_tuning_inside_the_margin_is_not_worth_it():
    told = tuning(compared(0.0, 0.03), compared(0.01, 0.03))
    first = advise(ladder(tuned=(TUNED,), tuning=told))[0]
    assert first.action == "do not fine-tune" and "-3.0 to +3.0" in first.sentence


def test_a_gain_smaller_than_the_margin_is_not_worth_it():
    told = tuning(compared(0.0, 0.02), compared(0.02, 0.01))
    assert advise(ladder(tuned=(TUNED,), tuning=told))[0].action == "do not fine-tune"


def test_open_differences_ask_for_questions():
    told = tuning(compared(0.0, 0.1), compared(0.04, 0.1))
    first = advise(ladder(tuned=(TUNED,), tuning=told))[0]
    assert first.action == "cannot tell yet" and not first.certain
    assert "add about 450 questions" in first.sentence  # 200 × ((0.09 / 0.05)² − 1)
    assert more_questions(told["form", TUNED.name], 0.05) == 450
    few = advise(replace(ladder(tuned=(TUNED,), tuning=told), documents=4))[0]
    assert "on further documents" in few.sentence


def test_form_won_and_facts_lost_is_for_people_to_decide():
    told = tuning(compared(-0.2, 0.05), compared(0.3, 0.05))
    first = advise(ladder(tuned=(TUNED,), tuning=told))[0]
    assert first.action == "weigh up" and "-20.0 points (-25.0 to -15.0) of facts" in first.sentence


def test_answers_lost_to_retrieval_or_to_reading():
    lost = advise(ladder(0.8, 0.95, retrieved=Retrieved(150, 8, 2, 40)))[0]
    assert lost.action == "improve retrieval" and "it costs 40 answers against 8" in lost.sentence
    unread = advise(ladder(0.8, 0.95, retrieved=Retrieved(150, 40, 2, 8)))[0]
    assert unread.action == "improve reading"
    even = advise(ladder(0.8, 0.95, retrieved=Retrieved(150, 20, 2, 24)))
    assert not any(a.action.startswith("improve") for a in even)


def test_price_and_latency_choose_among_the_equally_good():
    cheap = Result("few-shot", "few-shot", estimate(0.6), estimate(0.6), 0.5, 9.0)
    held = ladder(as_good=("rag", "few-shot"), goal="price")
    held = replace(held, results=(*held.results, cheap))
    assert any("For price, take few-shot: $0.50" in a.sentence for a in advise(held))
    apart = replace(held, as_good=("rag",))
    assert not any("take few-shot" in a.sentence for a in advise(apart))


def test_every_sentence_carries_numbers_and_a_view():
    views = {"questions", "recipes", "results", "answers", "map", "probe", "breakeven"}
    for made in (world(numpy.random.default_rng(1), 200, form=0.3), ladder(0.95, 0.5)):
        for advice in advise(made):
            assert advice.view in views and advice.numbers and advice.sentence.endswith(".")


def test_the_right_step_is_named_where_the_difference_can_be_shown():
    right: Counter[str] = Counter()
    tried: Counter[str] = Counter()
    rng = numpy.random.default_rng(11)
    for turn in range(120):
        n = (80, 200)[turn % 2]
        size = smallest(n) * rng.uniform(1, 3)
        for wanted, make in CASES.items():
            tried[wanted] += 1
            right[wanted] += advise(make(rng, n, size))[0].action == wanted
    assert sum(right.values()) >= 0.95 * sum(tried.values())
    assert all(right[wanted] >= 0.93 * count for wanted, count in tried.items())


def test_equality_within_the_margin_is_recognised_with_enough_questions():
    rng = numpy.random.default_rng(5)
    said = [advise(world(rng, 1200, margin=0.08))[0].action for _ in range(20)]
    assert said.count("do not fine-tune") >= 19


def noisier(evidence: Evidence, factor: float) -> Evidence:
    """The same means known less well: as if from fewer questions."""

    def vague(one: Estimate | None) -> Estimate | None:
        if one is None:
            return None
        low, high = (one.mean + factor * (end - one.mean) for end in (one.low, one.high))
        return replace(one, low=low, high=high)

    def open_up(one: Comparison) -> Comparison:
        wide = vague(one.difference)
        sure = one.verdict if wide and (wide.low > 0 or wide.high < 0) else "cannot tell"
        grown = (one.detectable or 1.0) * factor
        return replace(one, difference=wide, verdict=sure, detectable=grown)

    seen, less = evidence.retrieved, 1 / factor**2
    return replace(
        evidence,
        results=tuple(
            replace(r, facts=vague(r.facts), form=vague(r.form)) for r in evidence.results
        ),
        steps={k: open_up(c) for k, c in evidence.steps.items()},
        tuning={k: open_up(c) for k, c in evidence.tuning.items()},
        retrieved=seen
        and Retrieved(
            *(
                int(k * less)
                for k in (seen.found_right, seen.found_wrong, seen.missed_right, seen.missed_wrong)
            )
        ),
    )


def test_more_noise_never_makes_the_verdict_more_certain():
    rng = numpy.random.default_rng(3)
    for turn in range(40):
        evidence = (
            bottleneck(rng, 200, rng.uniform(0, 0.4), rng.uniform(0, 0.2))
            if turn % 4 == 0
            else world(rng, 150, rng.uniform(-0.3, 0.3), rng.uniform(-0.3, 0.4), 0.1)
        )
        before = advise(evidence)
        for factor in (1.2, 1.7, 3.0, 8.0):
            after = advise(noisier(evidence, factor))
            assert sum(a.certain for a in after) <= sum(a.certain for a in before)
            if not before[0].certain:
                assert not after[0].certain
            before = after
        assert after[0].action in ("cannot tell yet", "run first")


def test_evidence_is_weighed_from_raw_scores():
    old = {"facts": named([0, 1] * 30)}
    new = {"facts": named([1, 1] * 30), "form": named([1] * 60)}
    documents = {str(i): f"d{i // 3}" for i in range(60)}
    held = weigh({"baseline": old, "rag": new}, TECHNIQUES, "baseline", documents)
    assert (held.questions, held.documents, held.rival["facts"]) == (60, 20, "rag")
    assert held.steps["facts", "rag"].verdict == "better" and held.as_good == ("rag",)
    assert held.results[0].form is None
