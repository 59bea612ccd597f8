"""Every error we raise on purpose.

DsmrError
├── InputError      the user's file or form is wrong; `where` says which file, row or field
├── MissingExtra    an optional package is absent; the message is the pip command
├── EngineError     a model did not answer; `retryable` says whether trying again can help
└── Cancelled       the user stopped a job; not a failure
"""


class DsmrError(Exception):
    """Root of the tree: caught at the page, the command line and the worker, nowhere else."""


class InputError(DsmrError):
    """What the user gave cannot be used. Says where, what, and how to fix it."""

    def __init__(self, problem: str, *, where: str, fix: str) -> None:
        super().__init__(f"{where}: {problem}. {fix}")
        self.problem, self.where, self.fix = problem, where, fix


class MissingExtra(DsmrError):
    """An optional package is not installed; the message is the line that installs it."""


class EngineError(DsmrError):
    """A model did not answer."""

    def __init__(self, message: str, *, retryable: bool = False) -> None:
        super().__init__(message)
        self.retryable = retryable


class Cancelled(DsmrError):
    """The user asked a job to stop."""
