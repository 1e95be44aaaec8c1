"""Where the template and the configuration part: what one of them asks for and the other does not.  Pure."""

from __future__ import annotations

from collections.abc import Collection

from openpyxl.worksheet.worksheet import Worksheet
from rapidfuzz import fuzz, process

from kepu_xls import identity
from kepu_xls.forms import placeholders
from kepu_xls.model import Field, Record

Cell = tuple[int, int]
"""Row and column."""

_LEAST_LIKENESS = 50


class Misfit(Record, frozen=True):
    """What has to change in a template before forms can be made from it.

    ``renamed``: cells with a synonym of a field → its label.  ``columns``, ``inputs``: cells that ask for
    what no field does → their word.  ``new_columns``, ``new_inputs``: fields without a place.
    """

    renamed: dict[Cell, str]
    columns: dict[Cell, str]
    inputs: dict[Cell, str]
    new_columns: tuple[Field, ...]
    new_inputs: tuple[Field, ...]

    @property
    def cells(self) -> frozenset[Cell]:
        """The cells whose words the configuration does not know, and that are settled all the same."""
        return frozenset((*self.renamed, *self.columns, *self.inputs))

    @property
    def any(self) -> bool:
        """Tell whether anything has to change."""
        return bool(self.cells or self.new_columns or self.new_inputs)


def likest(word: str, candidates: Collection[str]) -> str:
    """Give the candidate that a word is a misspelling of, empty where none is like it."""
    found = process.extractOne(word, list(candidates), scorer=fuzz.ratio, score_cutoff=_LEAST_LIKENESS)
    return found[0] if found else ""


def find_misfit(sheet: Worksheet, fields: tuple[Field, ...], form_fields: tuple[Field, ...]) -> Misfit:
    """Hold the form sheet against the fields.

    A word like the name of a column or field without a place is none of this: it is a slip, to be refused.
    """
    words = _words(sheet)
    present = set(words.values())
    unknown = {cell: word for cell, word in words.items() if word not in _known(fields, form_fields)}
    number = identity.CONTEXT_COLUMNS[identity.NUMBER_KEY]
    header = next((row for (row, _), word in words.items() if word == number), 0)
    heads = {cell: word for cell, word in unknown.items() if cell[0] == header}
    renamed = _renamed(heads, [field for field in fields if field.label not in present])
    present |= set(renamed.values())
    new = tuple(field for field in fields if field.label not in present)
    new_inputs = tuple(field for field in form_fields if field.label not in present)
    context = [label for label in identity.CONTEXT_COLUMNS.values() if label not in present]
    labelled = {
        cell: word
        for cell, word in unknown.items()
        if placeholders.bare(text_left_of(sheet, *cell)) == placeholders.bare(word) and cell not in heads
    }
    return Misfit(
        renamed,
        columns=_unlike(heads, [*context, *(field.label for field in new)], but=renamed),
        inputs=_unlike(labelled, [field.label for field in new_inputs]),
        new_columns=new,
        new_inputs=new_inputs,
    )


def _unlike(words: dict[Cell, str], wanted: Collection[str], but: Collection[Cell] = ()) -> dict[Cell, str]:
    """Give the words that are no misspellings of what is wanted."""
    return {cell: word for cell, word in words.items() if cell not in but and not likest(word, wanted)}


def _known(fields: tuple[Field, ...], form_fields: tuple[Field, ...]) -> set[str]:
    return {
        *placeholders.TEXT_WORDS,
        *placeholders.MODEL_WORDS,
        *placeholders.LEGEND,
        *identity.CONTEXT_COLUMNS.values(),
        *(field.label for field in (*fields, *form_fields)),
    }


def _renamed(heads: dict[Cell, str], fields: list[Field]) -> dict[Cell, str]:
    """Tell which header cells go by a synonym of a field without a column: the first that does is its own."""
    renamed: dict[Cell, str] = {}
    for cell, word in heads.items():
        label = next((field.label for field in fields if word in field.synonyms), "")
        if label and label not in renamed.values():
            renamed[cell] = label
    return renamed


def text_left_of(sheet: Worksheet, row: int, column: int) -> str:
    """Give the nearest text left of a cell."""
    values = (sheet.cell(row, left).value for left in range(column - 1, 1, -1))
    return next((str(value) for value in values if value is not None), "")


def _words(sheet: Worksheet) -> dict[Cell, str]:
    """Give the word of each cell that holds one placeholder and nothing else."""
    return {
        (row, column): word
        for row, cells in enumerate(sheet.iter_rows(), 1)
        for column, cell in enumerate(cells, 1)
        if (word := placeholders.whole(cell.value))
    }
