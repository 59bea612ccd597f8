"""How small a difference the questions can show, in one sentence."""

from collections.abc import Sequence

from dsmr.core.data import Question

AIM = 0.05  # the difference most people would like to see


def can_show(questions: Sequence[Question]) -> str:
    """For the test split; says what it would take to show five points."""
    from dsmr.core.stats import detectable, questions_needed

    n = sum(q.split == "test" for q in questions)
    if n == 0:
        return "There is no test question yet, so nothing can be measured."
    smallest = detectable(n)
    if smallest >= 0.995:
        return (
            f"{n} test question{'s' if n > 1 else ''} cannot show any difference reliably; "
            "bring at least 20, better 100."
        )
    text = f"With {n:,} test questions, a difference of about {100 * smallest:.0f} points shows "
    text += "(if two recipes disagree on a fifth of them)"
    if smallest > AIM:
        more = questions_needed(AIM) - n
        return f"{text}; to show {100 * AIM:.0f} points, add about {_rounded(more):,} more."
    return text + "."


def _rounded(number: int) -> int:
    return round(number, -1) if number >= 100 else number
