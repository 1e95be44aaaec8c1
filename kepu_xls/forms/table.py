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
from kepu_xls.forms.content import FormContent
from kepu_xls.forms.layout import Layout
from kepu_xls.model import Record, Role, Task


class TaskTable(Record, frozen=True):
    """The form sheet of one form, and where the rows of its table stand.

    ``texts``: what the words of the form's texts stand for.
    """

    sheet: Worksheet
    layout: Layout
    content: FormContent
    texts: dict[str, str]

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

    def rows_of(self, role: Role) -> range:
        """Give the rows of the tasks in which the unit has that role: lead tasks stand first."""
        first_participant = self.header_row + 1 + self.content.count(Role.LEAD)
        if role is Role.LEAD:
            return range(self.header_row + 1, first_participant)
        return range(first_participant, self.last_row + 1)


def write_table(table: TaskTable) -> None:
    """Write keys, header and task rows into the form sheet; what stands below moves down."""
    sheet, layout = table.sheet, table.layout
    cells.ungroup_columns(sheet)
    sheet.data_validations = DataValidationList()
    sheet.conditional_formatting = ConditionalFormattingList()
    _prepare_header(table)
    _prepare_models(table)
    header = {cell.column: str(cell.value or "") for cell in _cells(table, layout.header_row)}
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


def _cells(table: TaskTable, row: int) -> list[Cell]:
    """Give a row's cells from column B on, as wide as the table and the template are."""
    last = max(table.layout.last_column, table.sheet.max_column)
    return [cells.at(table.sheet, row, column) for column in range(2, last + 1)]


def _looks(table: TaskTable, row: int) -> list[StyleArray]:
    return [cells.look_of(cell) for cell in _cells(table, row)]


def _prepare_header(table: TaskTable) -> None:
    """Give the headers of required fields the fill of their legend cells."""
    word_of = {required: word for word, required in placeholders.REQUIRED_WORDS.items()}
    for field in table.content.fields:
        legend = table.layout.legend.get(word_of.get(field.required, ""))
        fill = cells.fill_of(table.sheet, *legend) if legend else None
        if fill is not None:
            cells.at(table.sheet, table.layout.header_row, table.layout.columns[field.key]).fill = fill


def _prepare_models(table: TaskTable) -> None:
    """Lock the model rows but for the fields, whose cells get their number format."""
    formats = {table.layout.columns[field.key]: inputs.number_format(field) for field in table.content.fields}
    for row in set(table.layout.model_rows.values()):
        for cell in _cells(table, row):
            cells.wrap(cell)
            cell.number_format = formats.get(cell.column, "@")
            cell.protection = Protection(locked=cell.column not in formats)


def _write_keys(table: TaskTable) -> None:
    """Write the hidden row that says what each column holds, in whatever order the template has them."""
    keys = {column: key for key, column in table.layout.columns.items()}
    cells.put_text(cells.at(table.sheet, table.key_row, 1), identity.TASK_KEY)
    for cell in _cells(table, table.key_row):
        cells.put_text(cell, keys.get(cell.column, ""))


def _write_header(table: TaskTable, header: dict[int, str], looks: list[StyleArray]) -> None:
    """Write the header; a column of the clerk's own keeps its text."""
    labels = identity.CONTEXT_COLUMNS | {field.key: field.label for field in table.content.fields}
    header = header | {column: labels[key] for key, column in table.layout.columns.items()}
    for cell, look in zip(_cells(table, table.header_row), looks, strict=True):
        cells.give_look(cell, look)
        cells.put_text(cell, header[cell.column])
        if cell.column <= table.layout.last_column:
            cells.wrap(cell)


def shown(task: Task, role: Role, previous: dict[str, str]) -> dict[str, str]:
    """Give what a task's row says, by the key of its column."""
    return {
        identity.NUMBER_KEY: task.number,
        identity.PROJECT_KEY: task.project,
        identity.TEXT_KEY: task.text,
        identity.ROLE_KEY: role.label,
        identity.PREVIOUS_KEY: previous.get(task.number, ""),
    }


def _write_task(table: TaskTable, row: int, task: Task, role: Role, looks: list[StyleArray]) -> None:
    texts = shown(task, role, table.content.previous)
    by_column = {column: texts.get(key, "") for key, column in table.layout.columns.items()}
    for cell, look in zip(_cells(table, row), looks, strict=True):
        cells.give_look(cell, look)
        cells.put_text(cell, by_column.get(cell.column, ""))
    number = cells.at(table.sheet, row, 1)
    cells.put_text(number, task.number)
    number.number_format = "@"
