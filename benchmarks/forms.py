"""Forms and return copies of many units: ours beside templates filled by openpyxl and by xltpl, in one run.

    python benchmarks/forms.py [--forms N] [--rounds N] [--json]

The units are those of the real plan, over and over.  The peers are favoured: openpyxl is handed a template
with exactly the rows of the unit, laid out already, and only puts the texts in; xltpl keeps its template
parsed, and renders the form sheet alone.  Neither fits rows to their texts, nor forces files to the disk.
Of return copies there are a quarter as many, each with a fault in every fourth row.  The moulds of ours are
kept, as ``kepu forms`` keeps them, and on a line of their own made anew each time.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import redirect_stdout
from io import BytesIO, StringIO
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import workload
from openpyxl import load_workbook
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill

from kepu_xls import config, identity, periods
from kepu_xls.forms import FormContent, Press, ReturnContent, ReturnPress, Template, load_template
from kepu_xls.messages import finding
from kepu_xls.model import Answer, Entry, Place, Role, Submission, TiedBy

ROOT = Path(__file__).resolve().parents[1]
TEMPLATE = ROOT / "templates" / "form.xlsx"
SIZES = {
    "quick": {"forms": 60, "rounds": 3},
    "default": {"forms": 400, "rounds": 5},
    "full": {"forms": 2000, "rounds": 5},
}
_TOGETHER = 20
_TARGET = 8.0
"""A peer takes at least so many times as long."""
_FIRST_ROW = 7

Line = dict[str, Any]
Batch = TypeVar("Batch")
T = TypeVar("T")
Forms = dict[Path, FormContent]
Returns = dict[Path, ReturnContent]
_MARK = PatternFill("solid", fgColor="FFFFC000")


def contents(count: int) -> list[FormContent]:
    """Give the contents of so many forms, each of a unit of its own."""
    opened, secret = workload.opened_for(count), workload.asked()[1]
    period, home = periods.parse(opened.period), config.load(ROOT / "config.toml")
    made = []
    for unit in opened.expected[:count]:
        whose = identity.Identity(unit, opened.period, 1)
        made.append(
            FormContent(
                identity=whose,
                signature=identity.sign(secret, whose),
                plan_title=opened.plan.title,
                period_label=period.label,
                deadline=opened.deadline,
                organiser=home.forms.organiser,
                duties=opened.plan.duties_of(unit),
                previous={},
                fields=opened.fields,
                form_fields=opened.form_fields,
                indicators=opened.plan.indicators_of(unit),
                first_day=period.first_day,
            )
        )
    return made


class Ours:
    """``kepu forms``: the same press, the same batches."""

    def __init__(self, template: Template) -> None:
        self._press = Press(template)

    def write(self, forms: Forms) -> None:
        """Write forms."""
        left = iter(forms.items())
        while batch := dict(islice(left, _TOGETHER)):
            self._press.write(batch)


class WithOpenpyxl:
    """Load a template, put the texts in, save: for each unit, with a template that has just its rows."""

    def __init__(self, template: Template) -> None:
        self._press, self._templates = Press(template), dict[tuple[int, int, int], bytes]()

    def prepare(self, forms: Forms) -> None:
        """Make the templates that will be needed, before the clock runs."""
        for content in forms.values():
            if (key := _shape(content)) not in self._templates:
                self._templates[key] = self._press.form(content)

    def write(self, forms: Forms) -> None:
        """Write forms."""
        for path, content in forms.items():
            book = load_workbook(BytesIO(self._templates[_shape(content)]))
            sheet = book[identity.FORM_SHEET]
            sheet["B3"] = f"填报单位：{content.identity.unit}"
            sheet["E3"] = f"共 {len(content.duties)} 项任务，其中牵头 {content.count(Role.LEAD)} 项"
            for row, values in enumerate(_rows(content), _FIRST_ROW):
                for column, value in enumerate(values, 1):
                    sheet.cell(row, column).value = value
            hidden = book[identity.IDENTITY_SHEET]
            hidden["B1"], hidden["B4"] = content.identity.unit, content.signature
            for row, one in enumerate(content.indicators, 5):
                for column, value in enumerate((one.task, one.task, one.name, one.target, one.measure), 1):
                    book[identity.INDICATOR_SHEET].cell(row, column).value = value
            book.save(path)


class OurReturns:
    """What ``kepu merge`` does for units whose forms have errors, with moulds kept in a folder or made."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def write(self, returns: Returns) -> None:
        """Write return copies."""
        one = next(iter(returns.values())).form
        with tempfile.TemporaryDirectory() as empty:
            press = ReturnPress(TEMPLATE, one.fields, one.form_fields, self._folder or Path(empty))
            for path, content in returns.items():
                press.renew(content, path)


class ReturnsWithOpenpyxl:
    """Load a template, put answers, colours, notes and the list in, save."""

    def __init__(self) -> None:
        self._templates: dict[tuple[int, int, int], bytes] = {}

    def prepare(self, returns: Returns) -> None:
        """Make the templates that will be needed, before the clock runs."""
        with tempfile.TemporaryDirectory() as folder:
            for content in returns.values():
                form = content.form
                press = ReturnPress(TEMPLATE, form.fields, form.form_fields, Path(folder))
                said = msgspec.structs.replace(content.submission, entries=())
                if (key := _shape(form)) not in self._templates:
                    self._templates[key] = press.copy(msgspec.structs.replace(content, submission=said))

    def write(self, returns: Returns) -> None:
        """Write return copies."""
        for path, content in returns.items():
            book = load_workbook(BytesIO(self._templates[_shape(content.form)]))
            sheet, faults = book[identity.FORM_SHEET], book[identity.RETURN_SHEET]
            for row, (values, entry) in enumerate(
                zip(_rows(content.form), content.submission.entries, strict=True), _FIRST_ROW
            ):
                said = [answer.value or answer.raw for answer in entry.answers.values()]
                for column, value in enumerate((*values, *said), 1):
                    sheet.cell(row, column).value = value
            for row, told in enumerate(content.findings, 6):
                cell = sheet[told.place.cell]
                cell.fill, cell.comment = _MARK, Comment(f"{told.message}。\n→ {told.remedy}", "")
                said_of_it = (row - 5, told.place.cell, told.task, "", cell.value, told.message, told.remedy)
                for column, value in enumerate(said_of_it, 2):
                    faults.cell(row, column).value = value
            book.save(path)


class WithXltpl:
    """A template with a loop over the rows, parsed once."""

    def __init__(self, template: Template) -> None:
        from xltpl.writerx import BookWriter  # noqa: PLC0415 - only this peer needs it

        one = contents(1)[0]
        lead = next(duty for duty in contents(20)[2].duties if duty[1] is Role.LEAD)
        small = msgspec.structs.replace(one, duties=(lead,), indicators=())
        book = load_workbook(BytesIO(Press(template).form(small)))
        sheet = book[identity.FORM_SHEET]
        sheet["B3"], sheet["E3"] = "填报单位：{{unit}}", "共 {{count}} 项任务，其中牵头 {{leads}} 项"
        for column in range(1, 7):
            sheet.cell(_FIRST_ROW, column).value = f"{{{{row[{column - 1}]}}}}"
        sheet.cell(_FIRST_ROW, 1).comment = Comment("beforerow{% for row in rows %}", "")
        sheet.cell(_FIRST_ROW + 1, 1).comment = Comment("beforerow{% endfor %}", "")
        with BytesIO() as buffer, redirect_stdout(StringIO()):
            book.save(buffer)
            self._writer = BookWriter(buffer)

    def write(self, forms: Forms) -> None:
        """Write forms."""
        for path, content in forms.items():
            said = {
                "tpl_name": identity.FORM_SHEET,
                "sheet_name": identity.FORM_SHEET,
                "unit": content.identity.unit,
                "count": len(content.duties),
                "leads": content.count(Role.LEAD),
                "rows": _rows(content),
            }
            self._writer.render_book([said])
            self._writer.save(path)


def _shape(content: FormContent) -> tuple[int, int, int]:
    lead = content.count(Role.LEAD)
    return lead, len(content.duties) - lead, len(content.indicators)


def _rows(content: FormContent) -> list[tuple[str, ...]]:
    return [
        (task.number, task.number, task.project, task.text, role.label, content.previous.get(task.number, ""))
        for task, role in content.duties
    ]


def _returned(form: FormContent) -> ReturnContent:
    """Give a return copy of a form: all rows filled, every fourth with a fault."""
    entries, findings = [], []
    for index, (task, role) in enumerate(form.duties):
        row, wrong = _FIRST_ROW + index, index % 4 == 0
        answers = {
            "unchanged": Answer(None, "", f"G{row}"),
            "status": Answer(None, "差不多了", f"H{row}") if wrong else Answer("推进中", "推进中", f"H{row}"),
            "percent": Answer(index % 100, f"{index % 100}", f"I{row}"),
            "progress": Answer(task.text, task.text, f"J{row}"),
            "activities": Answer(index, f"{index}", f"K{row}"),
        }
        entries.append(Entry(form.identity.unit, task.number, role, answers, identity.FORM_SHEET, row))
        if wrong:
            known = {"label": "进展状态", "raw": "差不多了", "choices": "未启动、推进中、已完成、滞后"}
            place = Place("来.xlsx", identity.FORM_SHEET, f"H{row}")
            told = finding("choice-unknown", place, unit=form.identity.unit, task=task.number, **known)
            findings.append(told)
    whose = form.identity
    said = Submission(whose.unit, whose.period, whose.version, TiedBy.IDENTITY, tuple(entries))
    return ReturnContent(form, said, tuple(findings), form.deadline)


def measure(forms: int, rounds: int) -> list[Line]:
    """Write so many forms with each program, and a quarter as many return copies."""
    return measure_forms(forms, rounds) + measure_returns(max(forms // 4, rounds), rounds)


def measure_returns(returns: int, rounds: int) -> list[Line]:
    """Write so many return copies with each program, all of them each round; medians of the rounds."""
    favoured, made = ReturnsWithOpenpyxl(), [_returned(form) for form in contents(returns)]
    with tempfile.TemporaryDirectory() as folder:
        programs = {
            "kepu": OurReturns(Path(folder, "moulds")).write,
            "kepu, new moulds": OurReturns(None).write,
            "openpyxl template": favoured.write,
        }
        found = _in_turns(programs, favoured.prepare, [made] * rounds, Path(folder))
    return [_line("return copies", name, returns, 1, found) for name in programs]


def measure_forms(forms: int, rounds: int) -> list[Line]:
    """Write so many forms with each program, a share of them a round, in turn; medians of the rounds."""
    home = config.load(ROOT / "config.toml")
    template = load_template(TEMPLATE, home.fields, home.form_fields)
    favoured = WithOpenpyxl(template)
    programs: dict[str, Callable[[Forms], None]] = {
        "kepu": Ours(template).write,
        "openpyxl template": favoured.write,
        "xltpl": WithXltpl(template).write,
    }
    made = contents(forms)
    with tempfile.TemporaryDirectory() as folder:
        shares = [made[one::rounds] for one in range(rounds)]
        found = _in_turns(programs, favoured.prepare, shares, Path(folder))
    return [_line("write", name, forms, rounds, found) for name in programs]


def _in_turns(
    programs: Mapping[str, Callable[[dict[Path, T]], None]],
    prepare: Callable[[dict[Path, T]], None],
    shares: Sequence[Sequence[T]],
    folder: Path,
) -> dict[str, list[tuple[float, float]]]:
    """Have each program write each share, in turn; one may ``prepare`` itself before the clock runs."""
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in programs}
    for one, share in enumerate(shares):
        for name, write in programs.items():
            to = folder / name / str(one)
            to.mkdir(parents=True)
            batch = {to / f"{number}.xlsx": content for number, content in enumerate(share)}
            prepare(batch)
            found[name].append(_timed(write, batch))
    return found


def _timed(write: Callable[[Batch], None], batch: Batch) -> tuple[float, float]:
    """Give the seconds that writing these takes, by the clock and of the processor."""
    wall, cpu = time.perf_counter(), time.process_time()
    write(batch)
    return time.perf_counter() - wall, time.process_time() - cpu


def _line(case: str, name: str, size: int, shares: int, found: dict[str, list[tuple[float, float]]]) -> Line:
    """Give a program's line; the ratios say how many times as long as we it takes."""
    wall, cpu = (statistics.median(one[kind] for one in found[name]) * shares for kind in (0, 1))
    line: Line = {"suite": "forms", "case": case, "size": size, "name": name, "wall": wall, "cpu": cpu}
    if not name.startswith("kepu"):
        ratios = [
            statistics.median(
                theirs[kind] / ours[kind] for theirs, ours in zip(found[name], found["kepu"], strict=True)
            )
            for kind in (0, 1)
        ]
        line |= {"ratio": ratios[0], "cpu_ratio": ratios[1], "target": _TARGET, "at_least": True}
    return line


def main() -> None:
    """Measure, and write a table or JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--forms", type=int, default=400)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    lines = measure(given.forms, given.rounds)
    if given.json:
        json.dump(lines, sys.stdout, ensure_ascii=False, indent=1)
        return
    for one in lines:
        each = [f"{one[kind] / one['size'] * 1000:8.2f} ms" for kind in ("wall", "cpu")]
        times = [f"{one[key]:6.1f} ×" if key in one else "" for key in ("ratio", "cpu_ratio")]
        sys.stdout.write("  ".join((f"{one['case']:14}", f"{one['name']:18}", *each, *times)).rstrip() + "\n")


if __name__ == "__main__":
    main()
