"""Whose form a workbook is, and of which period: by its identity, else by tasks and names.  Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from kepu_xls import periods
from kepu_xls.errors import InputError
from kepu_xls.identity import PERIOD_KEY, ROLE_KEY, SIGNATURE_KEY, UNIT_KEY, VERSION_KEY, Identity, verify
from kepu_xls.intake.grid import Grid, address, written
from kepu_xls.intake.locate import Table
from kepu_xls.model import Place, Plan, Record, Role
from kepu_xls.periods import Kind, Period
from kepu_xls.succession import heirs


class Claim(Record, frozen=True):
    """An identity found in a workbook, whether its signature is ours, and where it stands."""

    identity: Identity
    signed: bool
    place: Place


class Told(Record, frozen=True):
    """What the names and tasks tell.  ``units``: one, or the candidates; ``by``: what told it, for people."""

    units: tuple[str, ...]
    by: str = ""


_VERSION = re.compile(r"[0-9]{1,9}")
"""Longer ones the ledger cannot keep."""


# ── identity ─────────────────────────────────────────────────────────────────────────────────────────


def claims(grids: Iterable[Grid], secret: bytes, file: str) -> tuple[Claim, ...]:
    """Find every identity, on whatever sheet it stands; equal ones count once, garbled ones not."""
    found: dict[Identity, Claim] = {}
    for grid in grids:
        for row, column, names in _pairs(grid):
            version = names.get(VERSION_KEY, "")
            number = int(version) if _VERSION.fullmatch(version) else 0
            identity = Identity(names[UNIT_KEY], names[PERIOD_KEY], number)
            if not _is_period(identity.period):
                continue
            signed = verify(secret, identity, names.get(SIGNATURE_KEY, ""))
            if identity not in found or signed:
                found[identity] = Claim(identity, signed, Place(file, grid.name, address(row, column)))
    return tuple(found.values())


def _is_period(text: str) -> bool:
    try:
        periods.parse(text)
    except InputError:
        return False
    return True


def _pairs(grid: Grid) -> Iterator[tuple[int, int, dict[str, str]]]:
    """Give each column of names with values beside it that holds a unit and a period."""
    columns = {
        (row, column)
        for row, cells in grid.cells.items()
        if UNIT_KEY in cells.values()
        for column, value in cells.items()
        if value == UNIT_KEY
    }
    for row, column in sorted(columns):
        keys = (UNIT_KEY, PERIOD_KEY, VERSION_KEY, SIGNATURE_KEY)
        names = {
            str(cells[column]): written(cells.get(column + 1)).strip()
            for cells in grid.cells.values()
            if cells.get(column) in keys
        }
        if names.get(UNIT_KEY) and names.get(PERIOD_KEY):
            yield row, column, names


# ── names in texts ───────────────────────────────────────────────────────────────────────────────────

_PERIODS = {
    Kind.WEEK: re.compile(r"(?P<year>\d{4})(?:年?第?|-?W)(?P<number>\d{1,2})(?:周|(?<=W\d\d)(?!\d))"),
    Kind.MONTH: re.compile(
        r"(?<!\d)(?P<year>\d{4})(?:年(?P<number>\d{1,2})月(?![\d初中底末])|-(?P<other>\d{2})(?![\d-]))"
    ),
    Kind.QUARTER: re.compile(r"(?P<year>\d{4})(?:年第?|-?Q)(?P<number>[一二三四1-4])(?:季|(?<=Q\d))"),
    Kind.HALF: re.compile(r"(?P<year>\d{4})(?:年(?P<number>[上下])半年|-?H(?P<other>[12]))"),
    Kind.YEAR: re.compile(r"(?<![\d—\-－~～至])(?P<year>\d{4})(?:年度|年(?![\d第上下—\-－~～至])|$)"),
}
_WEEK_ALONE = re.compile(r"第0?(\d{1,2})周")
_NUMERALS = {"一": 1, "二": 2, "三": 3, "四": 4, "上": 1, "下": 2}
_REMEMBERED = 128
_UNIT = "单位"
_LABELLED = re.compile(
    r"\s*(?:填报|报送|填表|上报)?单位(?:名称|（盖章）|\(盖章\))?\s*[:：]?\s*(?P<name>.*)", re.DOTALL
)
_LONGEST_TITLE = 80
_TO = r"(?:前|请)(?:上?报|报?送|提?交|发|返|寄)[送回给至到往]*\s*"
"""What stands before the name of whom a form goes to."""


def named_periods(text: str, kinds: Iterable[Kind]) -> frozenset[str]:
    """Give the periods of these kinds that a text names, as the contract writes them."""
    return frozenset(name for kind in kinds for name in _named(text.upper(), kind))


def _named(text: str, kind: Kind) -> Iterator[str]:
    for match in _PERIODS[kind].finditer(text):
        groups = match.groupdict()
        number = groups.get("number") or groups.get("other") or "1"
        if name := _written(int(match["year"]), kind, _NUMERALS.get(number) or int(number)):
            yield name


@lru_cache(_REMEMBERED)
def _written(year: int, kind: Kind, number: int) -> str:
    """Write a period as the contract does; empty where no calendar has it."""
    name = str(Period(year, kind, number))
    return name if _is_period(name) else ""


def contradicting_period(text: str, period: str) -> str:
    """Give the period of that kind which a text names instead; empty where it names this one, or none."""
    own = periods.parse(period)
    found = named_periods(text, [own.kind])
    if found or own.kind is not Kind.WEEK:
        return "" if period in found else "、".join(sorted(found))
    weeks = _WEEK_ALONE.findall(text)
    return "" if str(own.number) in weeks or not weeks else f"第{weeks[0]}周"


def named_units(text: str, plan: Plan) -> frozenset[str]:
    """Give the units that a text names, by any name of theirs; a name inside a longer one does not count."""
    found: set[str] = set()
    for word in _wordings(plan):
        if word in text:
            found.update(heirs(word, plan))
            text = text.replace(word, "\n")
    return frozenset(found)


def named_in_titles(texts: Iterable[str], plan: Plan) -> frozenset[str]:
    """Give the units that titles name, but for those that a form is to go to: ``请于…前报区科协``."""
    text = "\n".join(texts)
    for word in _wordings(plan):
        text = re.sub(rf"{_TO}{re.escape(word)}", "\n", text)
    return named_units(text, plan)


def _wordings(plan: Plan) -> list[str]:
    """Give all names of units, the longest first: a name inside a longer one does not count."""
    names = {word for unit in plan.units for word in (unit.name, *unit.aliases) if word}
    return sorted(names, key=lambda word: (-len(word), word))


def titles(grids: Iterable[Grid], header: dict[str, int]) -> tuple[str, ...]:
    """Give the short texts above each table, and its sheet's name.  ``header``: sheet → row of its header."""
    found = []
    for grid in grids:
        if grid.name not in header:
            continue
        above = (cells for row, cells in grid.cells.items() if row < header[grid.name])
        found += [value for cells in above for value in cells.values() if isinstance(value, str)]
        found.append(grid.name)
    return tuple(text for text in found if len(text) <= _LONGEST_TITLE)


def labelled_units(tables: Iterable[Table], plan: Plan) -> frozenset[str]:
    """Give the units named after 单位： outside the task rows, in that cell or the next that is filled."""
    found: set[str] = set()
    for table in tables:
        for row in table.grid.cells.keys() - {row.row for row in table.rows}:
            cells = table.grid.cells[row]
            for column, raw in cells.items():
                match = _LABELLED.fullmatch(raw) if isinstance(raw, str) and _UNIT in raw else None
                if match is None:
                    continue
                after = min((other for other in cells if other > column), default=0)
                name = match["name"].strip() or str(cells.get(after, "")).strip()
                found.update(heirs(name, plan) or heirs(re.split(r"[\s(（]", name)[0], plan))
    return frozenset(found)


# ── the unit without an identity ─────────────────────────────────────────────────────────────────────


class Fit(Record, frozen=True):
    """The units that a file's tasks fit.  ``whole``: they are all of the unit's tasks, not just some."""

    units: frozenset[str]
    whole: bool = False


def units_by_tasks(tables: Iterable[Table], plan: Plan) -> Fit:
    """Give the units with just the tasks of the tables, in the same roles; else those that have them all.

    Where no unit has them all, as in a copy of the whole plan, the rows that answer something must tell.
    """
    tables = tuple(tables)
    whole_plan = _fit([pair for table in tables for pair in _roles(table)], plan)
    return (
        whole_plan
        if whole_plan.units
        else _fit([pair for table in tables for pair in _roles(table, answered=True)], plan)
    )


def _fit(told: list[tuple[str, Role | None]], plan: Plan) -> Fit:
    tasks = {task for task, _ in told}
    fits: dict[str, set[str]] = {}
    first = plan.task(told[0][0]) if told else None
    concerned = {*first.leads, *first.participants} if first else set()
    for unit in plan.units:
        if unit.name not in concerned:
            continue
        own = {task.number: role for task, role in plan.duties_of(unit.name)}
        if all(task in own and role in (None, own[task]) for task, role in told):
            fits[unit.name] = set(own)
    whole = frozenset(name for name, own in fits.items() if own == tasks)
    return Fit(whole or frozenset(fits), bool(whole))


def _roles(table: Table, *, answered: bool = False) -> Iterator[tuple[str, Role | None]]:
    roles = {role.label: role for role in Role}
    column = table.heads.columns.get(ROLE_KEY, 0)
    for row in table.rows:
        if row.task and (table.answers(row.row) or not answered):
            yield row.task, roles.get(table.grid.text(row.row, column).strip())


def told_unit(tasks: Fit, labelled: frozenset[str], mentions: Iterable[tuple[str, frozenset[str]]]) -> Told:
    """Weigh tasks against names: what stands after 单位： can contradict them, a mere mention only helps.

    ``mentions`` come in order of their weight, each with what it is called.  Gives one unit, or all
    candidates where they contradict each other or do not suffice.
    """
    sources = [("表中的单位名称", labelled), *mentions]
    source, names = next(((source, names) for source, names in sources if names), ("", frozenset[str]()))
    both = tasks.units & names
    if len(both) == 1:
        return Told(tuple(both), f"任务和{source}")
    if len(tasks.units) == 1 and (not names or (tasks.whole and not labelled)):
        return Told(tuple(tasks.units), "任务")
    if len(names) == 1 and not tasks.units:
        return Told(tuple(names), source)
    return Told(tuple(sorted(both or tasks.units | names)))


def told_with_sender(told: Told, senders: frozenset[str]) -> Told:
    """Let the units that a mail came from decide what the form leaves open; they never contradict it."""
    left = senders & frozenset(told.units) if told.units else senders
    return Told(tuple(left), "发件人") if len(told.units) != 1 and len(left) == 1 else told
