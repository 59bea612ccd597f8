"""Compare ways to refine a language model on your own documents and questions."""

__version__ = "0.1.0"
