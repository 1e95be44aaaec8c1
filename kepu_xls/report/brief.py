"""The brief: one or two pages in the layout of an official document (GB/T 9704), for the clerk to edit."""

from __future__ import annotations

import unicodedata
from pathlib import Path

from docx import Document
from docx.document import Document as Doc
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.section import Section
from docx.shared import Mm, Pt
from docx.text.paragraph import Paragraph
from docx.text.run import Run

from kepu_xls import periods, workspace
from kepu_xls.appearance import BriefSettings, ReportSettings
from kepu_xls.outcome import Consolidated
from kepu_xls.report import figures, fonts, layout, sentences

_PAGE, _MARGINS = (210, 297), {"top": 37, "left": 28, "bottom": 35, "right": 26}  # millimetres
_FOOTER = 28  # millimetres: the page number stands 7 mm below the type area
_TITLE, _BODY, _PAGE_NUMBER, _LINE = 22, 16, 14, 28.5  # points
_MOST_LISTED = 6  # tasks; of problems half as many, of units in a sentence twice as many
_LINES = 31  # of the 44 on two pages; title, signature and the space beside Latin letters take the rest
_ALIGNED = {
    "title": WD_ALIGN_PARAGRAPH.CENTER,
    "centred": WD_ALIGN_PARAGRAPH.CENTER,
    "signed": WD_ALIGN_PARAGRAPH.RIGHT,
}


def write_brief(
    data: Consolidated, look: ReportSettings, settings: BriefSettings, signature: str, path: Path
) -> None:
    """Write the brief of a period, whole or not at all.

    It is signed by ``signature`` where the settings name nobody.  Raises SurroundingsError where the file is
    open elsewhere or cannot be written.
    """
    document = _Brief(look)
    period = periods.parse(data.opened.period).label
    document.paragraph(settings.title.format(plan=data.opened.plan.title, period=period), "title")
    document.paragraph(period, "centred")
    document.blank()
    if settings.addressee:
        document.paragraph(f"{settings.addressee}：", "flush")
    for number, (head, paragraphs) in zip("一二三四五", _fitting(data), strict=True):
        document.paragraph(f"{number}、{head}", "head")
        for text in paragraphs:
            document.paragraph(text, "body")
    document.blank()
    document.paragraph(settings.signature or signature, "signed")
    document.paragraph(f"{data.made.year}年{data.made.month}月{data.made.day}日", "signed")
    document.save(data, path)


Sections = list[tuple[str, list[str]]]


def _fitting(data: Consolidated) -> Sections:
    """Give the sections with as many tasks and problems listed as two pages hold."""
    tried = (_sections(data, most) for most in range(_MOST_LISTED, 1, -1))
    return next((sections for sections in tried if _lines(sections) <= _LINES), _sections(data, 1))


def _lines(sections: Sections) -> int:
    """Estimate how many lines the sections take, their headings with them."""
    width = (_PAGE[0] - _MARGINS["left"] - _MARGINS["right"]) * 72 / 25.4
    indent = "　　"
    texts = [indent + text for _, paragraphs in sections for text in paragraphs]
    return len(sections) + sum(len(layout.wrap(text, width, _BODY)) for text in texts)


def _sections(data: Consolidated, most: int) -> Sections:
    """Give the headings and what stands below each, from the figures of the consolidated workbook."""
    units = figures.reporting(data.units)
    return [
        ("报送情况", [sentences.reporting(units, most * 2)]),
        ("总体进展", [sentences.progress(data), sentences.comparison(data)]),
        ("滞后任务", sentences.lagging_tasks(data, most)),
        ("未报和迟报单位", [sentences.late(units, most * 2)]),
        ("主要问题", sentences.numbered(sentences.reported_problems(data, most // 2 + 1))),
    ]


class _Brief:
    """The document while it is written: its fonts, and paragraphs by their kind."""

    def __init__(self, look: ReportSettings) -> None:
        self.document: Doc = Document()
        self._title, self._head, self._body = (
            fonts.chosen(names) for names in (look.title_fonts, look.heading_fonts, look.body_fonts)
        )
        self.document.settings.odd_and_even_pages_header_footer = True
        section = self.document.sections[0]
        _set_up(section)
        self._number(section.footer.paragraphs[0], WD_ALIGN_PARAGRAPH.RIGHT)
        self._number(section.even_page_footer.paragraphs[0], WD_ALIGN_PARAGRAPH.LEFT)

    def paragraph(self, text: str, kind: str) -> None:
        """Write a paragraph: title, centred, flush, head, body or signed."""
        font = {"title": self._title, "head": self._head}.get(kind, self._body)
        size = _TITLE if kind == "title" else _BODY
        paragraph = self.document.add_paragraph()
        _dress(paragraph.add_run(_printable(text)), font, size)
        form = paragraph.paragraph_format
        form.line_spacing_rule, form.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(_LINE + (size - _BODY))
        form.space_before = form.space_after = Pt(0)
        if kind in ("head", "body"):
            form.first_line_indent = Pt(2 * _BODY)
        if kind == "signed":
            form.right_indent = Pt(2 * _BODY)
        form.keep_with_next, form.widow_control = kind == "head", False
        if kind in _ALIGNED:
            paragraph.alignment = _ALIGNED[kind]

    def blank(self) -> None:
        """Leave a line empty."""
        self.paragraph("", "flush")

    def save(self, data: Consolidated, path: Path) -> None:
        """Write the file, whole or not at all."""
        about = self.document.core_properties
        about.title, about.author = data.opened.plan.title[:255], ""
        about.created = about.modified = data.made
        with workspace.replacing(path) as temporary, workspace.failures_explained(path):
            self.document.save(str(temporary))

    def _number(self, paragraph: Paragraph, side: WD_ALIGN_PARAGRAPH) -> None:
        """Write ``— 1 —``: outside on pages printed on both sides, a character from the edge."""
        paragraph.alignment = side
        form = paragraph.paragraph_format
        if side is WD_ALIGN_PARAGRAPH.RIGHT:
            form.right_indent = Pt(_PAGE_NUMBER)
        else:
            form.left_indent = Pt(_PAGE_NUMBER)
        _dress(paragraph.add_run("— "), "宋体", _PAGE_NUMBER)
        field = paragraph.add_run()
        _dress(field, "宋体", _PAGE_NUMBER)
        for kind, text in (("begin", None), (None, "PAGE"), ("end", None)):
            part = OxmlElement("w:fldChar" if kind else "w:instrText")
            if kind:
                part.set(qn("w:fldCharType"), kind)
            else:
                part.text = text
            field._r.append(part)  # noqa: SLF001 - python-docx has no fields of its own
        _dress(paragraph.add_run(" —"), "宋体", _PAGE_NUMBER)


def _set_up(section: Section) -> None:
    """Set paper and margins."""
    section.page_width, section.page_height = (Mm(size) for size in _PAGE)
    for side, size in _MARGINS.items():
        setattr(section, f"{side}_margin", Mm(size))
    section.footer_distance = Mm(_FOOTER - _PAGE_NUMBER * 25.4 / 72)


def _dress(run: Run, font: str, size: float) -> None:
    """Set the type, also that of Chinese characters, which python-docx leaves alone."""
    run.font.name, run.font.size = font, Pt(size)
    run._r.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)  # noqa: SLF001 - as above


def _printable(text: str) -> str:
    """Take out what a Word document cannot hold: control characters and halves of characters."""
    return "".join(one for one in text if unicodedata.category(one) not in ("Cc", "Cs") or one in "\n\t")
