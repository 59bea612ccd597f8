"""Bytes to clean text: encodings guessed, and what no text should hold taken out."""

import codecs
import re

from dsmr.core.data import Problem
from dsmr.core.errors import InputError

SAMPLE = 65_536  # bytes looked at when guessing
SAVE_AS_UTF8 = "Save the file as UTF-8 text and upload it again"
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16: it begins with the same two bytes
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CANDIDATES = ["cp1252", "cp932", "euc_jp", "gb18030", "big5", "euc_kr", "cp1251", "cp1250"]
_DROPPED = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f\ufeff\ufffe\uffff\xad\u200b\ud800-\udfff]")


def clean(text: str) -> str:
    """Text without NULs, control characters, surrogates or byte-order marks, in Unix lines."""
    text = re.sub("\r\n?|\x0c|\x85|\u2028|\u2029", "\n", text)
    return _DROPPED.sub("", text).replace("\xa0", " ")


def decode(data: bytes, where: str) -> tuple[str, tuple[Problem, ...]]:
    """Text in whatever encoding it came, and a warning where characters were lost.

    Raises InputError when the bytes are not text at all.
    """
    encoding = _encoding(data, where)
    try:
        return clean(data.decode(encoding)), ()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        text = data.decode(encoding, "replace")
    lost = text.count("\ufffd")
    what = f"{lost} characters are not valid {encoding} and read as \ufffd"
    return clean(text), (Problem(f"{where}, line {line}", what, SAVE_AS_UTF8, "warning"),)


def _encoding(data: bytes, where: str) -> str:
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return encoding
    sample = data[:SAMPLE]
    if wide := _wide(sample):
        return wide
    if re.search(rb"\x1b\$[@B]|\x1b\(J", sample):
        return "iso2022_jp"
    utf8 = _mostly_utf8(data)
    strange = len(re.findall(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]", sample))
    if strange > len(sample) * (0.2 if utf8 else 0.02):
        raise InputError("is not text", where=where, fix="Check that the file opens in an editor")
    return "utf-8" if utf8 else _legacy(data, sample)


def _wide(sample: bytes) -> str | None:
    """UTF-16 without a byte-order mark: Latin text has a NUL in every second byte."""
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if len(sample) < 4 or max(even, odd) < len(sample) * 0.2 or min(even, odd) * 5 > max(even, odd):
        return None
    return "utf-16-le" if odd > even else "utf-16-be"


def _mostly_utf8(data: bytes) -> bool:
    """Whether the bytes are UTF-8 but for a few: a cut tail or a pasted stray byte."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        text = data[:SAMPLE].decode("utf-8", "replace")
        lost = text.count("\ufffd")
        right = sum(1 for c in text if c > "\x7f") - lost
        return right > 10 * lost and right > 20
    return True


def _legacy(data: bytes, sample: bytes) -> str:
    """The old encoding that fits best; Western where nothing speaks against it."""
    from charset_normalizer import from_bytes

    best = from_bytes(sample, cp_isolation=_CANDIDATES, enable_fallback=False).best()
    if best is None or (best.encoding in ("cp1250", "cp1252") and _decodes(data, "cp1252")):
        return "cp1252" if _decodes(data, "cp1252") else "latin-1"
    return best.encoding


def _decodes(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True
