"""Notes that say why a cell has to be put right, put among those that the clerk's template has itself."""

from __future__ import annotations

import re
from collections.abc import Iterable

from kepu_xls.forms import heights
from kepu_xls.forms.faults import Fault
from kepu_xls.forms.places import CellPlace, column_number
from kepu_xls.forms.questions import NOTE
from kepu_xls.forms.texts import in_xml, storable
from kepu_xls.model import Record

WIDTH, _LINE, _MARGIN = 280, 18, 16  # pixels
_CHARACTERS, _SIZE = 38.0, 10.0

_SEPARATOR = "\x02"
_FIRST_SHAPE = 1026
_COMMENT = re.compile(r"<comment .*?</comment>", re.DOTALL)
_SHAPE = re.compile(r"<(\w+:)shape .*?</\1shape>", re.DOTALL)
_REF = re.compile(r'(?<= ref=")([A-Z]+)(\d+)')
_HEIGHT = re.compile(r"(?<=;height:)\d+")
_RELATED = re.compile(r'<Relationship\b[^>]*?/(\w+)" Target="([^"]*)"')
_ID = re.compile(r'(?<= id="_x0000_s)\d+')


class Note(Record, frozen=True):
    """A note at a cell, and what it says."""

    cell: CellPlace
    text: str


def text_of(faults: Iterable[Fault]) -> str:
    """Say what is wrong and what to do: several faults of one cell are in one note."""
    lines = [f"{one.finding.message}。\n→ {one.finding.remedy}" for one in faults]
    return storable("\n".join(lines))


def height_of(text: str) -> int:
    """Give a note's height in pixels."""
    return heights.line_count(text, _CHARACTERS, _SIZE) * _LINE + _MARGIN


class Sample(Record, frozen=True):
    """Where the notes of a sheet are kept, and how one is written.

    ``comments`` and ``shapes``: the parts; ``comment`` and ``shape``: ``%`` patterns.
    """

    comments: str
    shapes: str
    comment: str
    shape: str


def cut(texts: dict[str, str], sheet: str) -> Sample:
    """Take the sample note (its text is ``NOTE``) of a sheet's part out of the parts that it stands in.

    What is left there of notes are the template's own, each behind a separator.
    """
    folder, _, name = sheet.rpartition("/")
    said = dict(_RELATED.findall(texts[f"{folder}/_rels/{name}.rels"]))
    comments, shapes = (said[kind].lstrip("/") for kind in ("comments", "vmlDrawing"))
    written, drawn = _COMMENT.findall(texts[comments]), [one[0] for one in _SHAPE.finditer(texts[shapes])]
    index = next(number for number, one in enumerate(written) if NOTE in one)
    texts[comments] = _separated(_COMMENT, texts[comments], index)
    texts[shapes] = _separated(_SHAPE, texts[shapes], index)
    comment = written[index].replace("%", "%%").replace(NOTE, "%(text)s")
    shape = _numbered(drawn[index].replace("%", "%%"), "%(id)s")
    for tag, key in (("Row", "row"), ("Column", "column")):
        shape = re.sub(rf"(:{tag}>)\d+", rf"\g<1>%({key})s", shape)
    return Sample(
        comments=comments,
        shapes=shapes,
        comment=_REF.sub("%(ref)s", comment),
        shape=_HEIGHT.sub("%(height)s", shape),
    )


def weave(texts: dict[str, str], sample: Sample, ours: Iterable[Note]) -> None:
    """Put notes among those of the template; where one of these is about the same cell, it gives way."""
    head, *own, tail = texts[sample.comments].split(_SEPARATOR)
    shapes_head, *own_shapes, shapes_tail = texts[sample.shapes].split(_SEPARATOR)
    by_place = {_place(pair[0]): pair for pair in zip(own, own_shapes, strict=True)}
    for note in ours:
        known = {
            "ref": note.cell.address,
            "text": in_xml(note.text),
            "height": height_of(note.text),
            "row": note.cell.row - 1,
            "column": note.cell.column - 1,
            "id": 0,
        }
        by_place[note.cell.row, note.cell.column] = (sample.comment % known, sample.shape % known)
    pairs = [pair for _, pair in sorted(by_place.items())]
    shapes = [_numbered(shape, str(number)) for number, (_, shape) in enumerate(pairs, _FIRST_SHAPE)]
    texts[sample.comments] = "".join((head, *(comment for comment, _ in pairs), tail))
    texts[sample.shapes] = "".join((shapes_head, *shapes, shapes_tail))


def _separated(pattern: re.Pattern[str], text: str, sample: int) -> str:
    """Put a separator before each piece and behind the last, and leave the sample out."""
    pieces = list(pattern.finditer(text))
    own = [piece[0] for number, piece in enumerate(pieces) if number != sample]
    return _SEPARATOR.join((text[: pieces[0].start()], *own, text[pieces[-1].end() :]))


def _numbered(shape: str, number: str) -> str:
    return _ID.sub(number, shape)


def _place(comment: str) -> tuple[int, int]:
    found = _REF.search(comment)
    if found is None:
        raise ValueError(comment)
    return int(found[2]), column_number(found[1])
