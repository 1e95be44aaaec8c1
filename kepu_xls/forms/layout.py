"""Where things stand in the template: read from its placeholders, and refused where it cannot work."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from kepu_xls import identity
from kepu_xls.errors import InputError
from kepu_xls.forms import placeholders
from kepu_xls.forms.misfits import find_misfit, likest, text_left_of
from kepu_xls.model import Field, Place, Record, Role

_NEEDED = (identity.NUMBER_KEY, identity.TEXT_KEY)
_MOST_ROWS, _MOST_COLUMNS = 500, 100


class Layout(Record, frozen=True):
    """Rows and columns of the template's own sheet.

    ``columns``: key → column.  ``inputs``: key of a form-level field → (row, column).  ``legend``: legend
    word → (row, column).  ``footer_row`` is the first row below the model rows.
    """

    header_row: int
    model_rows: dict[Role, int]
    footer_row: int
    columns: dict[str, int]
    inputs: dict[str, tuple[int, int]]
    legend: dict[str, tuple[int, int]]

    @property
    def last_column(self) -> int:
        """The table's last column."""
        return max(self.columns.values())


class Reader:
    """Reads one template sheet; holds what every message needs: the file, the sheet, the known words."""

    def __init__(
        self, sheet: Worksheet, file: str, fields: tuple[Field, ...], form_fields: tuple[Field, ...]
    ) -> None:
        self.sheet, self.file, self.form_fields = sheet, file, form_fields
        self.column_keys = {label: key for key, label in identity.CONTEXT_COLUMNS.items()}
        self.column_keys |= {field.label: field.key for field in fields}
        self.input_keys = {field.label: field.key for field in form_fields}
        self.misfit = find_misfit(sheet, fields, form_fields)
        self.alone = {*self.column_keys, *self.input_keys, *placeholders.MODEL_WORDS, *placeholders.LEGEND}

    def read(self) -> Layout:
        """Read the layout.  Raises InputError for whatever would make a wrong form."""
        self._check_size()
        self._check_column_a()
        homeless = [field.label for field in (*self.misfit.new_columns, *self.misfit.new_inputs)]
        check_words(self.sheet, self.file, self.alone, settled=self.misfit.cells, likely=homeless)
        places = self._places()
        header = self._header_row(places)
        columns = self._columns(places, header)
        self._check_plain(header)
        models = self._model_rows(places, header)
        last_model = max(models.values())
        self._check_merges(header, last_model)
        return Layout(
            header_row=header,
            model_rows=models,
            footer_row=last_model + 1,
            columns=columns,
            inputs=self._inputs(places),
            legend={word: places[word] for word in placeholders.LEGEND if word in places},
        )

    def fail(self, code: str, row: int = 0, column: int = 0, **details: object) -> InputError:
        """Make the refusal, with the cell where there is one."""
        cell = f"{get_column_letter(column)}{row}" if row else ""
        return InputError(code, Place(self.file, self.sheet.title, cell), **details)

    def _check_size(self) -> None:
        if self.sheet.max_row > _MOST_ROWS or self.sheet.max_column > _MOST_COLUMNS:
            end = self.sheet.cell(self.sheet.max_row, self.sheet.max_column).coordinate
            raise self.fail("template-too-large", self.sheet.max_row, self.sheet.max_column, cell=end)

    def _check_column_a(self) -> None:
        for (cell,) in self.sheet.iter_rows(max_col=1):
            if cell.value is not None:
                raise self.fail("template-column-a", cell.row, 1)
        for merged in self.sheet.merged_cells.ranges:
            if merged.min_col == 1:
                raise self.fail("template-column-a", merged.min_row, 1)

    def _places(self) -> dict[str, tuple[int, int]]:
        """Find the cell of each word that stands alone.  Raises InputError for one that stands twice."""
        places: dict[str, tuple[int, int]] = {}
        for row, column, text in texts(self.sheet):
            word = placeholders.whole(text)
            if word not in self.alone:
                continue
            if word in places:
                first_row, first_column = places[word]
                first = f"{get_column_letter(first_column)}{first_row}"
                raise self.fail("template-placeholder-twice", row, column, word=word, first=first)
            places[word] = (row, column)
        return places

    def _header_row(self, places: dict[str, tuple[int, int]]) -> int:
        for key in _NEEDED:
            label = identity.CONTEXT_COLUMNS[key]
            if label not in places:
                raise self.fail("template-column-missing", *(self._plain(label) or ()), label=label)
        return places[identity.CONTEXT_COLUMNS[identity.NUMBER_KEY]][0]

    def _columns(self, places: dict[str, tuple[int, int]], header: int) -> dict[str, int]:
        columns = {}
        for label, key in self.column_keys.items():
            if label in places:
                row, column = places[label]
                if row != header:
                    raise self.fail("template-header-place", row, column, word=label, header=header)
                columns[key] = column
        return columns

    def _model_rows(self, places: dict[str, tuple[int, int]], header: int) -> dict[Role, int]:
        rows = {role: places[word][0] for word, role in placeholders.MODEL_WORDS.items() if word in places}
        if sorted(rows.values()) != list(range(header + 1, header + 1 + len(rows))) or not rows:
            raise self.fail("template-no-model-row", header + 1, 2, below=header + 1)
        only = next(iter(rows.values()))
        return {role: rows.get(role, only) for role in Role}

    def _check_merges(self, header: int, last_model: int) -> None:
        for merged in self.sheet.merged_cells.ranges:
            if merged.min_row <= last_model and merged.max_row >= header:
                raise self.fail("template-merged", merged.min_row, merged.min_col, area=merged.coord)

    def _inputs(self, places: dict[str, tuple[int, int]]) -> dict[str, tuple[int, int]]:
        inputs = {}
        for field in self.form_fields:
            if field.label in places:
                row, column = places[field.label]
                if field.label not in text_left_of(self.sheet, row, column):
                    raise self.fail("template-form-field-label", row, column, label=field.label)
                inputs[field.key] = (row, column)
            elif label_cell := self._plain(field.label):
                raise self.fail("template-form-field-missing", *label_cell, label=field.label)
        return inputs

    def _check_plain(self, header: int) -> None:
        """Refuse a column of ours whose name was typed without its braces: it would be nobody's to fill."""
        for label in self.column_keys:
            if cell := self._plain(label, header):
                raise self.fail("template-header-plain", *cell, label=label)

    def _plain(self, label: str, row: int = 0) -> tuple[int, int] | None:
        """Find a cell (in that row) that holds a label without the braces of a placeholder."""
        bare = placeholders.bare(label)
        for found, column, text in texts(self.sheet):
            right_row = row in (0, found)
            if right_row and not placeholders.whole(text) and placeholders.bare(str(text)) == bare:
                return found, column
        return None


def texts(sheet: Worksheet) -> Iterator[tuple[int, int, placeholders.Text]]:
    """Give row, column and text of each cell that holds text."""
    for cells in sheet.iter_rows():
        for cell in cells:
            if isinstance(cell.value, placeholders.Text):
                yield cell.row, cell.column, cell.value


def check_words(
    sheet: Worksheet,
    file: str,
    alone: set[str],
    *,
    settled: Collection[tuple[int, int]] = (),
    likely: Collection[str] = (),
) -> None:
    """Refuse unknown placeholders, and those that need a cell of their own but stand inside a text.

    ``alone``: the words that need a cell of their own; ``settled``: cells whose words are not looked at;
    ``likely``: words that stand nowhere yet, so that a misspelt one is probably one of them.
    Raises InputError.
    """
    known = [*placeholders.TEXT_WORDS, *alone]
    for row, column, text in texts(sheet):
        place = Place(file, sheet.title, f"{get_column_letter(column)}{row}")
        for word in placeholders.words(str(text)) if (row, column) not in settled else ():
            if word not in known:
                near = likest(word, likely) or likest(word, known)
                suggestion = f"，是不是“{{{{{near}}}}}”？" if near else ""
                raise InputError("template-placeholder-unknown", place, word=word, suggestion=suggestion)
            if word in alone and placeholders.whole(text) != word:
                raise InputError("template-placeholder-alone", place, word=word)
