"""Turn data/sample/source/ into data/sample/documents/ in real file formats.

    python data/sample/build.py

A source called ``name.pdf.md`` becomes ``name.pdf`` (likewise docx, html, xlsx, pptx);
``name.md``, ``name.csv`` and ``name.txt`` are copied. The sources use a small part of
Markdown: headings, paragraphs, lists, pipe tables, **bold**, *italic*, `code`.
Two builds with the same library versions give the same bytes.
"""

import datetime
import html
import io
import re
import shutil
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
SOURCE, DOCUMENTS = HERE / "source", HERE / "documents"
COMPANY = "Merrowlight Beacon Company"
WHEN = datetime.datetime(2031, 2, 28, 9, 0, 0)


# ---- reading the sources ------------------------------------------------------------


def blocks(text):
    """Yield (kind, value): h1, h2, p (str), ul, ol (list of str), table (list of rows)."""
    lines = [*text.strip().split("\n"), ""]
    group, kind = [], None

    def flush():
        nonlocal group, kind
        if kind == "p":
            yield kind, " ".join(group)
        elif kind == "table":
            rows = [[c.strip() for c in g.strip().strip("|").split("|")] for g in group]
            yield kind, [rows[0], *rows[2:]]
        elif kind:
            yield kind, group
        group, kind = [], None

    for line in lines:
        if line.startswith("#"):
            yield from flush()
            level = len(line) - len(line.lstrip("#"))
            yield f"h{level}", line[level:].strip()
            continue
        if not line.strip():
            new, value = None, None
        elif line.startswith("|"):
            new, value = "table", line
        elif line.startswith("- "):
            new, value = "ul", line[2:].strip()
        elif re.match(r"\d+\. ", line):
            new, value = "ol", line.split(". ", 1)[1].strip()
        else:
            new, value = "p", line.strip()
        if new != kind:
            yield from flush()
            kind = new
        if new:
            group.append(value)


def runs(text):
    """Split inline marks into (text, style) with style '', 'b', 'i' or 'code'."""
    for part in re.split(r"(\*\*[^*]+\*\*|\*[^*]+\*|`[^`]+`)", text):
        if part.startswith("**"):
            yield part[2:-2], "b"
        elif part.startswith("*") and len(part) > 2:
            yield part[1:-1], "i"
        elif part.startswith("`"):
            yield part[1:-1], "code"
        elif part:
            yield part, ""


def markup(text):
    """Inline marks as HTML tags (also understood by reportlab paragraphs)."""
    return "".join(f"<{s}>{html.escape(t)}</{s}>" if s else html.escape(t) for t, s in runs(text))


def plain(text):
    return "".join(t for t, _ in runs(text))


# ---- writing the formats ------------------------------------------------------------


def write_html(text, path):
    body, title = [], ""
    for kind, value in blocks(text):
        if kind in ("h1", "h2"):
            title = title or plain(value)
            anchor = re.sub(r"[^a-z0-9]+", "-", plain(value).lower()).strip("-")
            body.append(f'<{kind} id="{anchor}">{markup(value)}</{kind}>')
        elif kind == "p":
            body.append(f"<p>{markup(value)}</p>")
        elif kind in ("ul", "ol"):
            items = "\n".join(f"  <li>{markup(v)}</li>" for v in value)
            body.append(f"<{kind}>\n{items}\n</{kind}>")
        elif kind == "table":
            head = "".join(f"<th>{markup(c)}</th>" for c in value[0])
            rows = "\n".join(
                "  <tr>" + "".join(f"<td>{markup(c)}</td>" for c in row) + "</tr>"
                for row in value[1:]
            )
            body.append(
                f"<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}\n</tbody>\n</table>"
            )
    page = f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>{html.escape(title)} | {COMPANY}</title>
<style>
body {{ font-family: Georgia, serif; max-width: 42em; margin: 2em auto; line-height: 1.5; }}
th, td {{ border: 1px solid #999; padding: .3em .6em; text-align: left; }}
nav, footer {{ color: #666; font-size: .9em; }}
</style>
</head>
<body>
<nav><a href="index.html">Handbook</a> &rsaquo; {html.escape(title)}</nav>
<main>
{chr(10).join(body)}
</main>
<footer>{COMPANY}. For colleagues only.</footer>
<script>document.documentElement.dataset.ready = "1";</script>
</body>
</html>
"""
    path.write_text(page, encoding="utf-8", newline="\n")


def write_pdf(text, path):
    from reportlab.lib import colors
    from reportlab.lib.enums import TA_LEFT
    from reportlab.lib.pagesizes import A4
    from reportlab.lib.styles import ParagraphStyle, getSampleStyleSheet
    from reportlab.lib.units import mm
    from reportlab.platypus import (
        ListFlowable,
        Paragraph,
        SimpleDocTemplate,
        Spacer,
        Table,
        TableStyle,
    )

    sheet = getSampleStyleSheet()
    body = ParagraphStyle(
        "body",
        parent=sheet["BodyText"],
        fontName="Times-Roman",
        fontSize=11,
        leading=15,
        alignment=TA_LEFT,
    )
    styles = {"h1": sheet["Heading1"], "h2": sheet["Heading2"], "p": body}
    story, title = [], ""
    for kind, value in blocks(text):
        if kind in styles:
            title = title or plain(value)
            story.append(Paragraph(markup(value), styles[kind]))
        elif kind in ("ul", "ol"):
            story.append(
                ListFlowable(
                    [Paragraph(markup(v), body) for v in value],
                    bulletType="1" if kind == "ol" else "bullet",
                    leftIndent=16,
                )
            )
        elif kind == "table":
            table = Table([[Paragraph(markup(c), body) for c in row] for row in value])
            table.setStyle(
                TableStyle(
                    [
                        ("GRID", (0, 0), (-1, -1), 0.5, colors.grey),
                        ("BACKGROUND", (0, 0), (-1, 0), colors.whitesmoke),
                        ("VALIGN", (0, 0), (-1, -1), "TOP"),
                    ]
                )
            )
            story += [table, Spacer(1, 3 * mm)]

    def footer(canvas, doc):
        canvas.setFont("Helvetica", 8)
        canvas.drawString(22 * mm, 12 * mm, f"{COMPANY} - {title}")
        canvas.drawRightString(188 * mm, 12 * mm, f"Page {doc.page}")

    SimpleDocTemplate(
        str(path),
        pagesize=A4,
        title=title,
        author=COMPANY,
        invariant=1,
        leftMargin=22 * mm,
        rightMargin=22 * mm,
        topMargin=20 * mm,
        bottomMargin=20 * mm,
    ).build(story, onFirstPage=footer, onLaterPages=footer)


def write_docx(text, path):
    from docx import Document

    doc = Document()
    title = ""

    def fill(paragraph, value):
        for part, style in runs(value):
            run = paragraph.add_run(part)
            run.bold, run.italic = style == "b" or None, style == "i" or None

    for kind, value in blocks(text):
        if kind in ("h1", "h2"):
            title = title or plain(value)
            doc.add_heading(plain(value), level=1 if kind == "h1" else 2)
        elif kind == "p":
            fill(doc.add_paragraph(), value)
        elif kind in ("ul", "ol"):
            for item in value:
                fill(
                    doc.add_paragraph(style="List Bullet" if kind == "ul" else "List Number"), item
                )
        elif kind == "table":
            table = doc.add_table(rows=0, cols=len(value[0]), style="Table Grid")
            for row in value:
                for cell, content in zip(table.add_row().cells, row, strict=True):
                    fill(cell.paragraphs[0], content)
    core = doc.core_properties
    core.title, core.author, core.last_modified_by = title, COMPANY, COMPANY
    core.created = core.modified = WHEN
    save_zip(doc.save, path)


def write_xlsx(text, path):
    from openpyxl import Workbook
    from openpyxl.styles import Font

    book, sheet = Workbook(), None
    book.remove(book.active)
    for kind, value in blocks(text):
        if kind == "h1":
            sheet = book.create_sheet(plain(value)[:31])
        elif kind == "table":
            for row in value:
                sheet.append(
                    [int(c) if re.fullmatch(r"[1-9]\d*", c) else plain(c) or None for c in row]
                )
            for cell in sheet[1]:
                cell.font = Font(bold=True)
            for column in sheet.columns:
                width = max(len(str(c.value or "")) for c in column)
                sheet.column_dimensions[column[0].column_letter].width = min(60, width + 2)
            sheet.freeze_panes = "A2"
    book.properties.creator = COMPANY
    book.properties.created = WHEN
    save_zip(book.save, path)


def write_pptx(text, path):
    from pptx import Presentation

    deck = Presentation()
    for kind, value in blocks(text):
        if kind == "h1":
            slide = deck.slides.add_slide(deck.slide_layouts[1])
            slide.shapes.title.text = plain(value)
        elif kind == "ul":
            frame = slide.placeholders[1].text_frame
            frame.text = plain(value[0])
            for item in value[1:]:
                frame.add_paragraph().text = plain(item)
    core = deck.core_properties
    core.title, core.author, core.last_modified_by = (
        plain(text.split("\n")[0].lstrip("# ")),
        COMPANY,
        COMPANY,
    )
    core.created = core.modified = WHEN
    save_zip(deck.save, path)


def save_zip(save, path):
    """Save an Office file without the time of the build in it."""
    buffer = io.BytesIO()
    save(buffer)
    stamp = f"{WHEN:%Y-%m-%dT%H:%M:%SZ}".encode()
    with zipfile.ZipFile(buffer) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            data = old.read(name)
            if name == "docProps/core.xml":
                data = re.sub(rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>" + stamp, data)
            info = zipfile.ZipInfo(name, WHEN.timetuple()[:6])
            info.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(info, data)


WRITERS = {
    "html": write_html,
    "pdf": write_pdf,
    "docx": write_docx,
    "xlsx": write_xlsx,
    "pptx": write_pptx,
}


def build(target=DOCUMENTS):
    target = Path(target)
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    for source in sorted(SOURCE.iterdir()):
        made = re.fullmatch(r"(.+)\.(html|pdf|docx|xlsx|pptx)\.md", source.name)
        if made:
            WRITERS[made[2]](source.read_text(encoding="utf-8"), target / f"{made[1]}.{made[2]}")
        else:
            shutil.copyfile(source, target / source.name)
    return sorted(target.iterdir())


if __name__ == "__main__":
    files = build()
    size = sum(file.stat().st_size for file in files) / 1e6
    print(f"{len(files)} documents, {size:.2f} MB in {DOCUMENTS}")
