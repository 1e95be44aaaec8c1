"""What can be put on a terminal: lines, tables, findings; whatever people typed is made harmless first."""

from __future__ import annotations

import sys
import unicodedata

import click

from kepu_xls import rendering
from kepu_xls.commands.results import ChangeLine, FindingLine, PlanCounts
from kepu_xls.model import Scalar, Severity
from kepu_xls.outcome import UnitState, UnitStatus

_COLOURS = {
    UnitState.REPORTED: "green",
    UnitState.NIL: "cyan",
    UnitState.LATE: "yellow",
    UnitState.MISSING: "red",
    UnitState.RETURNED: "magenta",
}
_UNSEEN = ("Cc", "Cf", "Cs")
"""Unicode's categories of control, format and surrogate characters."""
_ALIKE = 6
"""So many findings of one kind are listed on a terminal; the rest are counted."""
_ROWS = 100
"""So many rows of a table are shown to who watches; more would scroll away unread."""
_URGENCY = (UnitState.MISSING, UnitState.RETURNED, UnitState.LATE, UnitState.NIL, UnitState.REPORTED)


def clean(text: str) -> str:
    """Make text that people typed harmless on a terminal: no escape codes, no marks that turn it round."""
    if text.isprintable():
        return text
    return "".join(
        char if char == "\n" or unicodedata.category(char) not in _UNSEEN else "\N{REPLACEMENT CHARACTER}"
        for char in text
    )


class Terminal:
    """Prints for people; where nobody watches, plain lines whose columns are parted by tabs."""

    @staticmethod
    def say(text: str) -> None:
        """Print a line for people."""
        click.echo(clean(text))

    @staticmethod
    def mark(text: str, *, good: bool) -> None:
        """Print a line with a mark before it: well, or to be looked at."""
        click.secho("  正常  " if good else "  注意  ", fg="green" if good else "yellow", nl=False)
        click.echo(clean(text))

    def course(self, percents: list[Scalar]) -> None:
        """Show how percentages went, where there are several."""
        if len(percents) > 1:
            self.say(f"完成率走势（由远到近）：{rendering.sparkline(percents)}")

    def units(self, statuses: tuple[UnitStatus, ...]) -> None:
        """Show where each unit stands; of more than can be shown, those first that have to act."""
        watched = sys.stdout.isatty()
        if watched and len(statuses) > _ROWS:
            statuses = tuple(sorted(statuses, key=lambda one: _URGENCY.index(one.state)))
        rows = [rendering.status_row(one) for one in statuses]
        if watched:  # so that a unit takes one line, the file is told without its folder, and cut if need be
            rows = [(*row[:-1], row[-1].rpartition("/")[2]) for row in rows]
        colours = [_COLOURS[one.state] for one in statuses]
        self.table(rendering.STATUS_HEAD, rows, colours, cut=rendering.STATUS_HEAD[-1])

    def counts(self, counts: PlanCounts) -> None:
        """Say how large a plan is."""
        self.say(
            f"{counts.parts} 个部分，{counts.projects} 个项目，{counts.tasks} 项任务，{counts.units} 个单位；"
            f"牵头 {counts.lead_links} 项次，参加 {counts.participant_links} 项次；"
            f"指标 {counts.indicators} 个"
        )

    def changes(self, changes: tuple[ChangeLine, ...]) -> None:
        """Show what an import would change."""
        self.table(
            ("改动", "对象", "名称", "栏目", "原来", "改为"),
            [
                (
                    one.label,
                    one.subject,
                    one.name,
                    one.field,
                    *rendering.differing(one.before, one.after),
                )
                for one in changes
            ],
        )

    def findings(self, findings: tuple[FindingLine, ...], *, remedies: bool = False) -> None:
        """Show findings, the gravest first; of many alike only the first few.

        ``remedies``: also what to do, once for those for which it is the same.
        """
        by_code: dict[str, list[FindingLine]] = {}
        for one in sorted(findings, key=lambda one: list(Severity).index(one.severity)):
            by_code.setdefault(one.code, []).append(one)
        for alike in by_code.values():
            shown = alike[:_ALIKE]
            for one, after in zip(shown, (*shown[1:], None), strict=True):
                self.finding(one)
                if remedies and one.remedy and (after is None or after.remedy != one.remedy):
                    self.say(f"         怎么办：{one.remedy}")
            if len(alike) > _ALIKE:
                self.say(f"         ……同样的另有 {len(alike) - _ALIKE} 处，加 --json 可以看到全部")

    @staticmethod
    def finding(one: FindingLine) -> None:
        """Show one finding."""
        place = " ".join(part for part in (one.file, one.sheet, one.cell) if part)
        colour = {"error": "red", "warning": "yellow"}.get(one.severity.value)
        click.secho(f"  [{one.severity.label}] ", fg=colour, nl=False)
        click.echo(clean(f"{place}：{one.message}" if place else one.message))

    @staticmethod
    def stopped(why: FindingLine) -> None:
        """Say on stderr what broke a command off whose result is shown."""
        click.secho(f"出错了：{clean(why.message)}", fg="red", err=True)
        click.echo(f"怎么办：{clean(why.remedy)}", err=True)

    def table(
        self,
        head: tuple[str, ...],
        rows: list[tuple[str, ...]],
        colours: list[str] | None = None,
        cut: str = "",
    ) -> None:
        """Draw a table, as long as can be watched; all in plain lines parted by tabs where nobody watches.

        What does not fit in a column goes on below, but for the one to be ``cut``.
        """
        if not sys.stdout.isatty():
            for row in (head, *rows):
                click.echo("\t".join(clean(cell).replace("\n", " ") for cell in row))
            return
        from rich.console import Console as Terminal  # noqa: PLC0415 - only for people who watch
        from rich.table import Table  # noqa: PLC0415 - as above
        from rich.text import Text  # noqa: PLC0415 - as above

        table = Table(row_styles=[])
        for title in head:
            table.add_column(title, overflow="ellipsis" if title == cut else "fold")
        for number, row in enumerate(rows[:_ROWS]):
            style = colours[number] if colours else ""
            table.add_row(*(Text(clean(cell)) for cell in row), style=style)
        Terminal().print(table)
        if len(rows) > _ROWS:
            self.say(f"……另有 {len(rows) - _ROWS} 行没有显示，加 --json 可以看到全部")
