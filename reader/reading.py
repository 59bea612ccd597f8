"""What one conversation is about: passages, the facts that can be asked of them, and questions
they do not answer.
"""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Fact:
    """`evidence` is text of a passage, word for word; `value` the short answer; `sentence` the
    full one.
    """

    question: str
    value: str
    sentence: str
    evidence: str


@dataclass(slots=True)
class Scene:
    passages: list[str]
    facts: list[Fact]
    unanswerable: list[str] = field(default_factory=list)
