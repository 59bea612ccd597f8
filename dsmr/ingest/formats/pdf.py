"""PDF to text, page by page."""

import io
import re
from typing import Any

from dsmr.core.data import Problem
from dsmr.core.errors import InputError
from dsmr.ingest.limits import Limits
from dsmr.ingest.parsed import Parsed

_SAVE_AGAIN = "Open it in a PDF viewer, print or export it to a new PDF, and upload that"
_OCR = "Run text recognition (OCR) on it first, for example with ocrmypdf"
_CATALOGUE = re.compile(rb"(\d+) (\d+) obj\b(?:(?!endobj).){0,2000}?/Type\s*/Catalog\b", re.DOTALL)
_LIGATURES = str.maketrans({"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl"})


def read(data: bytes, where: str, limits: Limits) -> Parsed:
    """All pages that can be read; the others become warnings."""
    from pypdf.errors import PyPdfError

    if b"%PDF" not in data[:2048]:
        fix = "Check the file: its name ends in .pdf, its content is something else"
        raise InputError("is not a PDF", where=where, fix=fix)
    try:
        reader = _open(data)
        _unlock(reader, where)
        count = len(reader.pages)
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise InputError(f"cannot be read: {error}", where=where, fix=_SAVE_AGAIN) from error
    if count > limits.pages:
        fix = f"Split it into files of at most {limits.pages:,} pages"
        raise InputError(f"has {count:,} pages", where=where, fix=fix)
    texts, problems = _pages(reader, count, where)
    if not any(text.strip() for text in texts):
        if problems:
            raise InputError(problems[0].what, where=where, fix=_SAVE_AGAIN)
        what = "has no text layer; it is probably a scan" if count else "has no pages"
        raise InputError(what, where=where, fix=_OCR if count else _SAVE_AGAIN)
    problems += _gaps(texts, data, where, len(problems))
    return Parsed("\n\n".join(filter(None, map(unwrap, texts))), count, tuple(problems))


def unwrap(text: str) -> str:
    """Lines of a sentence joined again, words cut at a line end made whole.

    The hyphen stays where the page writes the word with one elsewhere.
    """

    def rejoined(cut: re.Match[str]) -> str:
        hyphened = f"{cut[1]}-{cut[2]}"
        return hyphened if hyphened in text else cut[1] + cut[2]

    text = text.translate(_LIGATURES).replace("\r\n", "\n")
    text = re.sub(r"[ \t]+\n", "\n", text)
    text = re.sub(r"([^\W\d_]{2,})-\n([a-zäöüß]{2,})", rejoined, text)
    return re.sub(r"(?<=[\w,;–—)])\n(?=[a-zäöüß(])", " ", text).strip()


def _open(data: bytes) -> Any:
    """A reader; a file cut off before its table of contents is opened by its catalogue."""
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    try:
        return PdfReader(io.BytesIO(data))
    except PyPdfError:
        found = [] if _ended(data) else _CATALOGUE.findall(data)
        if not found:
            raise
    end = b"\nendstream endobj\ntrailer\n<< /Root %s %s R >>\nstartxref\n0\n%%%%EOF\n" % found[-1]
    return PdfReader(io.BytesIO(data + end))


def _ended(data: bytes) -> bool:
    return b"%%EOF" in data[-4096:]


def _unlock(reader: Any, where: str) -> None:
    from pypdf import PasswordType

    if reader.is_encrypted and reader.decrypt("") == PasswordType.NOT_DECRYPTED:
        fix = "Save a copy without a password and upload that"
        raise InputError("is password-protected", where=where, fix=fix)


def _pages(reader: Any, count: int, where: str) -> tuple[list[str], list[Problem]]:
    texts, problems = [], []
    for number in range(count):
        try:
            texts.append(reader.pages[number].extract_text())
        except MemoryError:
            raise
        except Exception as error:  # pypdf lets many kinds through on damaged pages
            at = f"{where}, page {number + 1}"
            what = f"cannot be read: {type(error).__name__}: {error}"[:200]
            problems.append(Problem(at, what, _SAVE_AGAIN, "warning"))
            texts.append("")
    return texts, problems


def _gaps(texts: list[str], data: bytes, where: str, failed: int) -> list[Problem]:
    problems = []
    empty = [str(n) for n, text in enumerate(texts, 1) if not text.strip()]
    if len(empty) > failed:
        listed = ", ".join(empty[:8]) + ("…" if len(empty) > 8 else "")
        what = f"{len(empty)} of {len(texts)} pages have no text (scans or pictures)"
        problems.append(Problem(f"{where}, page {listed}", what, _OCR, "warning"))
    if not _ended(data):
        what = "the end of the file is missing, so pages may be missing too"
        problems.append(Problem(where, what, "Download or export it again", "warning"))
    return problems
