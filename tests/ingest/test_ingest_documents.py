"""Every format read into text that keeps its headings, lists and tables."""

import subprocess
import sys
from pathlib import Path

import pytest

from dsmr.core.errors import Cancelled
from dsmr.ingest.documents import read_documents
from tests.ingest import making
from tests.ingest.making import errors

ROOT = Path(__file__).parents[2]
HANDBOOK = ROOT.parent / "shared" / "data" / "18f"


def read(name, data):
    documents, problems = read_documents([(name, data)])
    assert not problems, problems
    return documents[0]


def test_a_pdf_gives_its_pages_with_broken_lines_joined():
    document = read("a.pdf", making.pdf("The first page goes\non here.", "Second page"))
    assert document.text == "The first page goes on here.\n\nSecond page"
    assert (document.media, document.pages) == ("pdf", 2)


def test_words_cut_at_a_line_end_are_made_whole_but_keep_a_hyphen_of_their_own():
    page = "The long-term lamp lights the har-\nbour. A long-\nterm plan."
    assert read("a.pdf", making.pdf(page)).text == (
        "The long-term lamp lights the harbour. A long-term plan."
    )


def test_a_pdf_locked_for_its_owner_only_is_read():
    assert read("a.pdf", making.pdf("Free to read", password="")).text == "Free to read"


def test_a_word_document_keeps_headings_lists_and_tables():
    assert read("a.docx", making.docx()).text == (
        "# Returns\n\nGoods may be sent back within 30 days.\n\n- Keep the box\n"
        "- Keep the receipt\n\n| Item | Fee |\n| --- | --- |\n| Lamp | 4 EUR |"
    )


def test_word_text_inserted_under_tracking_is_read_and_deleted_text_is_not():
    body = making.docx()
    marked = (
        b'<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
        b"<w:body><w:p><w:r><w:t>The fee is </w:t></w:r><w:del><w:r><w:delText>4</w:delText></w:r>"
        b"</w:del><w:ins><w:r><w:t>5</w:t></w:r></w:ins></w:p><w:sdt><w:sdtContent><w:p><w:r>"
        b"<w:t>In a control</w:t></w:r></w:p></w:sdtContent></w:sdt></w:body></w:document>"
    )
    document = read("a.docx", making.with_part(body, "word/document.xml", marked))
    assert document.text == "The fee is 5\n\nIn a control"


def test_slides_give_title_text_table_and_notes():
    document = read("a.pptx", making.pptx())
    assert document.text == (
        "## Roadmap\n\n- First step\n- Second step\n\n| Quarter | Goal |\n| --- | --- |\n"
        "| Q1 | Launch |\n\nNotes: Mention the budget"
    )
    assert document.pages == 1


def test_a_workbook_gives_a_table_per_sheet_as_shown():
    import datetime

    rows = [["Name", "Price", "Since"], ["Lamp", 4.5, datetime.datetime(2024, 5, 1)]]
    document = read("a.xlsx", making.xlsx({"Goods": rows, "Notes": [["Only text"]], "Empty": []}))
    assert document.text == (
        "## Goods\n\n| Name | Price | Since |\n| --- | --- | --- |\n| Lamp | 4.5 | 2024-05-01 |"
        "\n\n## Notes\n\nOnly text"
    )


def test_in_a_long_table_every_row_carries_its_header():
    rows = [["Town", "People"], *[[f"Town number {n}", 1000 + n] for n in range(60)]]
    for name, data in (
        ("a.xlsx", making.xlsx({"S": rows})),
        ("a.csv", "\n".join(f"{a};{b}" for a, b in rows).encode()),
        ("a.tsv", "\n".join(f"{a}\t{b}" for a, b in rows).encode()),
        ("a.json", making.jsonl([{"Town": a, "People": b} for a, b in rows[1:]])),
        ("a.jsonl", making.jsonl(*[{"Town": a, "People": b} for a, b in rows[1:]])),
    ):
        lines = read(name, data).text.split("\n")
        assert "- Town: Town number 41; People: 1041" in lines, name
        assert len([line for line in lines if line.startswith("- ")]) == 60, name


def test_a_csv_with_quoted_separators_and_line_ends_is_one_row():
    document = read("a.csv", b'a,b\n"1,5","two\nlines"\n')
    assert document.text == "| a | b |\n| --- | --- |\n| 1,5 | two lines |"


def test_html_keeps_headings_lists_and_tables_and_drops_scripts():
    page = (
        "<html><head><title>Café</title><style>p {}</style></head><body><script>alert(1)</script>"
        "<nav>Home</nav><h1>Prices</h1><p>All <b>prices</b>\n in euro<br>with tax.</p>"
        "<ul><li>One<ul><li>Inner</li></ul></li><li><p>Two</p></li></ul>"
        "<img src=x onerror=alert(1)><table><tr><th>Item<th>Fee<tr><td>Lamp<td>4</table>"
        "<pre>x  =  1\ny</pre><!-- hidden --></body></html>"
    )
    assert read("a.htm", page.encode()).text == (
        "# Prices\n\nAll prices in euro\nwith tax.\n\n- One\n  - Inner\n- Two\n\n"
        "| Item | Fee |\n| --- | --- |\n| Lamp | 4 |\n\nx  =  1\ny"
    )


def test_html_without_a_heading_begins_with_its_title():
    assert read("a.html", b"<title>Fees</title><p>4 EUR</p>").text == "# Fees\n\n4 EUR"


def test_nested_json_is_printed_for_reading():
    assert read("a.json", '{"käse": {"b": [1, null]}}'.encode()).text == (
        '{\n  "käse": {\n    "b": [\n      1,\n      null\n    ]\n  }\n}'
    )


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Zürich, naïve café — 5 €", "utf-8"),
        ("Zürich, naïve café — 5 €", "utf-8-sig"),
        ("Zürich, naïve café — 5 €", "utf-16"),
        ("Zurich and its lake", "utf-16-le"),
        ("Zürich, naïve café — “5 €”", "cp1252"),
        ("パスワードを再設定する方法を説明します。返品は30日以内です。", "cp932"),
        ("パスワードを再設定する方法を説明します。返品は30日以内です。", "iso2022_jp"),
        ("返品は30日以内です。", "cp932"),
        ("日本語の文章です。返品できます。", "euc_jp"),
        ("Größe: 5 m\nBreite: 3 m, Höhe: 2 m", "cp1252"),
        ("café", "cp1252"),
        ("Пароль меняют каждые девяносто дней в личном кабинете.", "cp1251"),
        ("退货政策：自购买之日起三十天内可以退货，请保留收据和包装。", "gb18030"),
    ],
)
def test_the_encoding_is_found(text, encoding):
    assert read("a.txt", text.encode(encoding)).text == text


def test_a_zip_gives_its_documents_by_base_name_and_by_folder_where_two_agree():
    bundle = making.zipped(
        {"en/a.md": b"English", "de/a.md": b"Deutsch", "b.txt": b"Other", "__MACOSX/._a.md": b"x"}
    )
    documents, problems = read_documents([("docs.zip", bundle), ("b.txt", b"Another")])
    assert [d.name for d in documents] == ["a.md", "de/a.md", "b.txt", "b (2).txt"]
    assert not problems


def test_names_a_project_has_already_are_not_given_again():
    documents, _ = read_documents([("a.md", b"x")], taken=["A.md"])
    assert documents[0].name == "a (2).md"


def test_progress_names_each_file_and_can_stop_the_reading():
    seen = []

    def report(stage, done, total, note=""):
        seen.append((done, total, note))
        if done == 1:
            raise Cancelled("stop")

    with pytest.raises(Cancelled):
        read_documents([("a.md", b"x"), ("b.pdf", making.pdf("y")), ("c.md", b"z")], report)
    assert seen == [(0, 3, "a.md"), (1, 3, "b.pdf")]


def test_one_warm_child_reads_many_files():
    import time

    page = b"<p>Some text number %d</p>"
    start = time.monotonic()
    documents, problems = read_documents([(f"{n}.html", page % n) for n in range(300)])
    assert len(documents) == 300 and not problems
    assert time.monotonic() - start < 10  # a child for each would take longer


def test_importing_the_readers_loads_nothing_heavy():
    code = (
        "import sys, time; start = time.perf_counter(); "
        "import dsmr.ingest.documents, dsmr.ingest.questions, dsmr.ingest.split; "
        "heavy = {'pandas', 'numpy', 'streamlit', 'torch', 'pypdf', 'docx', 'pptx', 'openpyxl', "
        "'bs4', 'lxml', 'jsonschema', 'regex', 'rapidfuzz', 'charset_normalizer'}; "
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stderr


@pytest.mark.skipif(not HANDBOOK.exists(), reason="the 18F pages are not beside this checkout")
def test_the_18f_pages_load_as_they_are():
    files = [(path.name, path.read_bytes()) for path in sorted(HANDBOOK.glob("corpus/*.md"))]
    documents, problems = read_documents(files)
    assert len(documents) == 97 and not errors(problems)
    assert {d.name for d in documents} == {name for name, _ in files}
