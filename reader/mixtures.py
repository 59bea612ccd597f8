"""What conversations are about, in which shares, at which time of a run."""

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Mixture:
    """Shares of what conversations are about; the rest is made-up worlds."""

    prose_text: float = 0.06
    copying: float = 0.02
    closed_book: float = 0.07
    pairs: float = 0.03
    rule_questions: float = 0.10
    written_questions: float = 0.34
    unanswerable: float = 0.16  # of the questions with passages
    unanswerable_real: float = 0.16  # of those on real pages
    gold_removed: float = 0.12  # of conversations on hand-written questions
    formats: bool = True


EARLY = Mixture(
    prose_text=0.05,
    copying=0.05,
    closed_book=0.02,
    pairs=0.20,
    rule_questions=0.12,
    written_questions=0.15,
    unanswerable=0.04,
)
MAIN = Mixture()
# More of what people ask of real pages; few without an answer, lest it need not read them.
REAL = Mixture(
    prose_text=0.03,
    copying=0.01,
    closed_book=0.05,
    pairs=0.01,
    rule_questions=0.11,
    written_questions=0.49,
    unanswerable=0.10,
    unanswerable_real=0.03,
    gold_removed=0.02,
)
# 7 and 5 % without an answer were too many: wrong abstentions on kept pages rose from 2 to 12 %.
LAST = replace(
    REAL,
    unanswerable=0.12,
    unanswerable_real=0.04,
    gold_removed=0.02,
    rule_questions=0.05,
    written_questions=0.50,
)
