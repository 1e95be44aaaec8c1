"""Nothing depends on a position: whatever order rows and columns are put in, a form says the same."""

from __future__ import annotations

import pytest
from builders import at
from filled_forms import CONTEXT, HEADER, PERIOD, SHEET, UNIT, VALUES, blank_form, codes, fill, values_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kepu_xls import identity
from kepu_xls.intake import reading
from kepu_xls.intake.grid import Grid, Raw
from kepu_xls.model import FileStatus, InboxFile

Rows = list[list[Raw]]
FILE = InboxFile("附件.xlsx", "0" * 64, 1, at("2019-03-22 10:00"))


@pytest.fixture(scope="module")
def sheets(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Rows]:
    book = fill(blank_form(tmp_path_factory.mktemp("form") / "form.xlsx"))
    return {sheet.title: [[cell.value for cell in row] for row in sheet.iter_rows()] for sheet in book}


def grid(name: str, rows: Rows) -> Grid:
    cells = {
        number: held
        for number, row in enumerate(rows, 1)
        if (held := {column: value for column, value in enumerate(row, 1) if value is not None})
    }
    return Grid(name, cells, hidden=name == identity.IDENTITY_SHEET)


@settings(max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_any_order_of_rows_and_columns_says_the_same(sheets: dict[str, Rows], data: st.DataObject) -> None:
    rows = [list(row) for row in sheets[SHEET]]
    head, table, foot = rows[: HEADER - 2], rows[HEADER - 2 : HEADER + 4], rows[HEADER + 4 :]
    keys, header, tasks = table[0], table[1], data.draw(st.permutations(table[2:]), label="tasks")
    has_keys = data.draw(st.booleans(), label="key row")
    has_identity = data.draw(st.booleans(), label="identity")
    for place in sorted(
        data.draw(st.lists(st.integers(0, len(tasks)), max_size=3), label="blank rows"), reverse=True
    ):
        tasks = [*tasks[:place], [None] * len(header), *tasks[place:]]
    table = [*([keys] if has_keys else []), header, *tasks]
    columns = data.draw(st.permutations(range(len(header))), label="columns")
    for place in sorted(
        data.draw(st.lists(st.integers(0, 18), max_size=3), label="new columns"), reverse=True
    ):
        columns = [*columns[:place], len(header) + 1, *columns[place:]]
    table = [[row[column] if column < len(row) else None for column in columns] for row in table]
    down, right = data.draw(st.integers(0, 5)), data.draw(st.integers(0, 5))
    whole = [[None]] * down + [[None] * right + row for row in (*head, *table, *foot)]
    grids = [grid(data.draw(st.sampled_from([SHEET, "Sheet1", "第12周"])), whole)]
    grids += [
        grid(name, one) for name, one in sheets.items() if name == identity.IDENTITY_SHEET and has_identity
    ]
    record = reading._understand(FILE, tuple(grids), CONTEXT, lambda *_: None)  # noqa: SLF001 - the pure part
    assert values_of(record) == VALUES
    assert (record.unit, record.period, record.status) == (UNIT, PERIOD, FileStatus.ACCEPTED)
    assert ("form-keys-missing" in codes(record)) is not has_keys
    assert ("form-unit-told" in codes(record)) is not has_identity
