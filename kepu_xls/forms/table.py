"""The task table of a form: the template's header and model rows become keys, a header and one row a task."""

from __future__ import annotations

from openpyxl.cell.cell import Cell
from openpyxl.formatting.formatting import ConditionalFormattingList
from openpyxl.styles import Protection
from openpyxl.styles.cell_style import StyleArray
from openpyxl.worksheet.datavalidation import DataValidationList
from openpyxl.worksheet.worksheet import Worksheet

from kepu_xls import identity
from kepu_xls.forms import cells, inputs, placeholders, shifting
from kepu_xls.forms.content import FormContent, shown_task
from kepu_xls.forms.layout import Layout
from kepu_xls.model import Field, Record, Role, Task


class TaskTable(Record, frozen=True):
    """The form sheet of one form, and where the rows of its table stand.

    ``texts``: what the words of the form's texts stand for; ``width``: see ``_width``.
    """

    sheet: Worksheet
    layout: Layout
    content: FormContent
    texts: dict[str, str]
    width: int

    @classmethod
    def of(cls, sheet: Worksheet, layout: Layout, content: FormContent, texts: dict[str, str]) -> TaskTable:
        """Take a template's form sheet."""
        return cls(sheet, layout, content, texts, _width(sheet, layout))

    @property
    def key_row(self) -> int:
        """The hidden row with the field keys, where the template's header stood."""
        return self.layout.header_row

    @property
    def header_row(self) -> int:
        """The header that people see."""
        return self.layout.header_row + 1

    @property
    def last_row(self) -> int:
        """The last task row."""
        return self.header_row + len(self.content.duties)

    @property
    def moves(self) -> shifting.Moves:
        """How far the template's rows move down to make room."""
        layout = self.layout
        return shifting.Moves(layout.header_row, layout.footer_row, self.last_row + 1 - layout.footer_row)

    def cells(self, row: int) -> list[Cell]:
        """Give a row's cells, from column B on."""
        return _cells(self.sheet, row, self.width)

    def rows_of(self, role: Role) -> range:
        """Give the rows of the tasks in which the unit has that role: lead tasks stand first."""
        first_participant = self.header_row + 1 + self.content.count(Role.LEAD)
        if role is Role.LEAD:
            return range(self.header_row + 1, first_participant)
        return range(first_participant, self.last_row + 1)


def prepare(sheet: Worksheet, layout: Layout, fields: tuple[Field, ...]) -> None:
    """Do to a template's form sheet what is the same for the forms of all units: looks, but no words."""
    cells.ungroup_columns(sheet)
    sheet.data_validations = DataValidationList()
    sheet.conditional_formatting = ConditionalFormattingList()
    _prepare_header(sheet, layout, fields)
    _prepare_models(sheet, layout, fields)


def _prepare_header(sheet: Worksheet, layout: Layout, fields: tuple[Field, ...]) -> None:
    """Give the headers of required fields the fill of their legend cells."""
    word_of = {required: word for word, required in placeholders.REQUIRED_WORDS.items()}
    for field in fields:
        legend = layout.legend.get(word_of.get(field.required, ""))
        fill = cells.fill_of(sheet, *legend) if legend else None
        if fill is not None:
            cells.at(sheet, layout.header_row, layout.columns[field.key]).fill = fill


def _prepare_models(sheet: Worksheet, layout: Layout, fields: tuple[Field, ...]) -> None:
    """Lock the model rows but for the fields, whose cells get their number format.

    The hidden column takes no look from them: all rows of a kind are the same.
    """
    formats = {layout.columns[field.key]: inputs.number_format(field) for field in fields}
    width = _width(sheet, layout)
    for row in range(layout.header_row, layout.footer_row):
        cells.give_look(cells.at(sheet, row, 1), StyleArray())
    for row in set(layout.model_rows.values()):
        for cell in _cells(sheet, row, width):
            cells.wrap(cell)
            cell.number_format = formats.get(cell.column, "@")
            cell.protection = Protection(locked=cell.column not in formats)


def _width(sheet: Worksheet, layout: Layout) -> int:
    """Give the last column of the table, or of what the template has beside it."""
    return max(layout.last_column, sheet.max_column)


def _cells(sheet: Worksheet, row: int, width: int) -> list[Cell]:
    """Give a row's cells from column B on, as wide as the table and the template are."""
    return [cells.at(sheet, row, column) for column in range(2, width + 1)]


def write_table(table: TaskTable) -> None:
    """Write keys, header and task rows into a prepared form sheet; what stands below moves down."""
    sheet, layout = table.sheet, table.layout
    header = {cell.column: str(cell.value or "") for cell in table.cells(layout.header_row)}
    looks = {row: _looks(table, row) for row in (layout.header_row, *layout.model_rows.values())}
    least = {row: sheet.row_dimensions[row].height for row in layout.model_rows.values()}
    shifting.move_rows(sheet, table.moves)
    _write_keys(table)
    _write_header(table, header, looks[layout.header_row])
    for row, (task, role) in enumerate(table.content.duties, table.header_row + 1):
        model = layout.model_rows[role]
        _write_task(table, row, task, role, looks[model])
        sheet.row_dimensions[row].height = least[model]
    sheet.row_dimensions[table.key_row].hidden = True
    sheet.column_dimensions["A"].hidden = True


def _looks(table: TaskTable, row: int) -> list[StyleArray]:
    return [cells.look_of(cell) for cell in table.cells(row)]


def _write_keys(table: TaskTable) -> None:
    """Write the hidden row that says what each column holds, in whatever order the template has them."""
    keys = {column: key for key, column in table.layout.columns.items()}
    cells.put_text(cells.at(table.sheet, table.key_row, 1), identity.TASK_KEY)
    for cell in table.cells(table.key_row):
        cells.put_text(cell, keys.get(cell.column, ""))


def _write_header(table: TaskTable, header: dict[int, str], looks: list[StyleArray]) -> None:
    """Write the header; a column of the clerk's own keeps its text."""
    labels = identity.CONTEXT_COLUMNS | {field.key: field.label for field in table.content.fields}
    header = header | {column: labels[key] for key, column in table.layout.columns.items()}
    for cell, look in zip(table.cells(table.header_row), looks, strict=True):
        cells.give_look(cell, look)
        cells.put_text(cell, header[cell.column])
        if cell.column <= table.layout.last_column:
            cells.wrap(cell)


def _write_task(table: TaskTable, row: int, task: Task, role: Role, looks: list[StyleArray]) -> None:
    texts = shown_task(task, role, table.content.previous)
    by_column = {column: texts.get(key, "") for key, column in table.layout.columns.items()}
    for cell, look in zip(table.cells(row), looks, strict=True):
        cells.give_look(cell, look)
        cells.put_text(cell, by_column.get(cell.column, ""))
    number = cells.at(table.sheet, row, 1)
    cells.put_text(number, task.number)
    number.number_format = "@"
