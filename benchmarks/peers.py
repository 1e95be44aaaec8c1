"""What people use instead: the scripts that a clerk's colleague would write, and bare libraries.

    python benchmarks/peers.py pandas-openpyxl|pandas-calamine|calamine|rollup FOLDER RESULT.xlsx

The scripts read the table of every form, put them under each other and write one workbook: no checks, nothing
kept, nobody told.
"""

from __future__ import annotations

import io
import sys
from pathlib import Path

SHEET, HEADER_ROW = "进展填报表", 5  # the header's row, counted from 0


def concatenated(folder: Path, result: Path, engine: str) -> None:
    """Read every form with pandas, put the rows under each other, and write them."""
    import pandas as pd  # noqa: PLC0415 - what a script imports is part of its time

    tables = []
    for path in sorted(folder.glob("*.xlsx")):
        table = pd.read_excel(path, sheet_name=SHEET, header=HEADER_ROW, engine=engine)
        table["来源文件"] = path.name
        tables.append(table)
    pd.concat(tables, ignore_index=True).to_excel(result, index=False)


def rolled_up(folder: Path, result: Path) -> None:
    """Read 明细数据 of every district's workbook with pandas and calamine, and write them as one table."""
    import pandas as pd  # noqa: PLC0415 - as above

    tables = []
    for path in sorted(folder.glob("*.xlsx")):
        table = pd.read_excel(path, sheet_name="明细数据", engine="calamine")
        table.insert(0, "地区", path.stem)
        tables.append(table)
    pd.concat(tables, ignore_index=True).to_excel(result, index=False)


def read_bare(data: bytes) -> int:
    """Read every sheet of a workbook with calamine and give the number of rows: the floor of all reading."""
    from python_calamine import CalamineWorkbook  # noqa: PLC0415 - as above

    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    return sum(len(book.get_sheet_by_name(name).to_python()) for name in book.sheet_names)


def read_bare_at(path: str) -> int:
    """Do that with the file at a path, as a pool of processes would be given it."""
    return read_bare(Path(path).read_bytes())


def main() -> None:
    """Be the script that is named."""
    name, folder, result = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    if name == "calamine":
        rows = sum(read_bare(path.read_bytes()) for path in sorted(folder.glob("*.xlsx")))
        sys.stdout.write(f"{rows}\n")
    elif name == "rollup":
        rolled_up(folder, result)
    else:
        concatenated(folder, result, name.removeprefix("pandas-"))


if __name__ == "__main__":
    main()
