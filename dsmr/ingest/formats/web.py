"""HTML to text: headings, lists and tables kept; scripts, styles and navigation dropped."""

import re
from typing import Any

from dsmr.core.errors import InputError
from dsmr.ingest.limits import Limits
from dsmr.ingest.parsed import Parsed
from dsmr.ingest.tables import table_text

_DROPPED = ["script", "style", "noscript", "template", "svg", "nav", "iframe", "object", "select"]
_BLOCK = re.compile(
    "p|div|section|article|main|header|footer|aside|blockquote|ul|ol|dl|dt|dd|figure|figcaption|"
    "form|fieldset|address|hr|details|summary|pre|table|tr|caption|body|h[1-6]"
)


def read(data: bytes, where: str, limits: Limits) -> Parsed:
    from bs4 import BeautifulSoup

    if b"\x00" in data[:1024] and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        fix = "Check that the file opens in a browser"
        raise InputError("is not HTML", where=where, fix=fix)
    soup = BeautifulSoup(data, "lxml")
    for tag in soup(_DROPPED):
        tag.decompose()
    text = _text(soup.body or soup)
    title = " ".join(soup.title.get_text().split()) if soup.title else ""
    if title and not re.search(r"^# ", text, re.MULTILINE):
        text = f"# {title}\n\n{text}"
    return Parsed(text.strip())


def _text(root: Any) -> str:
    """The tree walked with a stack of its own, since pages may nest deeper than Python may."""
    from bs4 import NavigableString, Tag
    from bs4.element import PreformattedString

    parts: list[str] = []
    pending: list[Any] = [root]
    depth = preformatted = 0
    while pending:
        node = pending.pop()
        if isinstance(node, PreformattedString):  # comments, doctypes, CDATA
            continue
        if isinstance(node, NavigableString):
            parts.append(str(node) if preformatted else re.sub(r"\s+", " ", node))
        elif isinstance(node, str):  # what follows a closed tag
            depth -= node == "</list>"
            preformatted -= node == "</pre>"
            parts.append("\n" if node == "</li>" else "\n\n")
        elif isinstance(node, Tag):
            if node.name == "table" and (table := _table(node)) is not None:
                parts.append(f"\n\n{table}\n\n")
                continue
            parts.append(_opening(node, depth))
            depth += node.name in ("ul", "ol")
            preformatted += node.name == "pre"
            pending += [*_closing(node), *reversed(list(node.children))]
    return _tidied("".join(parts))


def _opening(tag: Any, depth: int) -> str:
    if re.fullmatch(r"h[1-6]", tag.name):
        return "\n\n" + "#" * int(tag.name[1]) + " "
    if tag.name == "li":
        return "\n" + "  " * max(0, min(depth, 8) - 1) + "- "
    if tag.name == "br":
        return "\n"
    if tag.name in ("ul", "ol") and depth:
        return "\n"
    return "\n\n" if _BLOCK.fullmatch(tag.name) else ""


def _closing(tag: Any) -> list[str]:
    if tag.name in ("ul", "ol"):
        return ["</list>"]
    if tag.name in ("li", "pre"):
        return [f"</{tag.name}>"]
    return ["</block>"] if _BLOCK.fullmatch(tag.name) else []


def _table(table: Any) -> str | None:
    """A data table as text; None for one used as layout (it holds tables or lists itself)."""
    if table.find(["table", "ul", "ol", "h1", "h2", "h3"]) is not None:
        return None
    lines = [row.find_all(["th", "td"]) for row in table.find_all("tr")]
    rows = [[cell.get_text(" ", strip=True) for cell in line] for line in lines]
    header = bool(lines) and bool(lines[0]) and all(cell.name == "th" for cell in lines[0])
    caption = table.find("caption")
    title = caption.get_text(" ", strip=True) + "\n\n" if caption else ""
    return title + table_text(rows, True if header else None)


def _tidied(text: str) -> str:
    text = re.sub(r"[ \t]+(?=\n)", "", text)
    text = re.sub(r"(?<=\n) (?=\S)", "", text)
    text = re.sub(r"(?m)^([ ]*-|#{1,6})\s+", r"\1 ", text)  # a paragraph in an item or heading
    text = re.sub(r"(?m)^([ ]*-|#{1,6}) *$", "", text)  # an item or heading without text
    text = re.sub(r"\n{3,}", "\n\n", text)
    return re.sub(r"(?m)^( *- .*)\n\n(?= *- )", r"\1\n", text).strip()
