"""The rules of the configuration, held against every row of a period."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from kepu_xls.checks import table
from kepu_xls.checks.expressions import Columns, OfRow, compiled, written
from kepu_xls.messages import finding
from kepu_xls.model import Entry, Finding, OpenPeriod, Place, Severity
from kepu_xls.rulebook import ReadRule, Rule, RuleFault, Value, names_in, read_rule


def check_rules(
    rules: Sequence[Rule],
    opened: OpenPeriod,
    entries: Sequence[Entry],
    previous: Sequence[Entry],
    files: Mapping[str, str],
) -> tuple[Finding, ...]:
    """Find the rows that break a rule, rule by rule.

    ``entries`` are those that count, with what 本期无变化 took over; ``previous`` those of the period before;
    ``files`` give the path of the file that counts of each unit.  Where a rule names a cell that could not be
    read, nothing is said of its row: reading has told of it.  A rule that the fields of the period, as it was
    opened, cannot answer gives one finding for information.
    """
    read, findings = _understood(rules, opened)
    terms = {name: rule.terms[name] for rule in read for name in _all_names(rule)}
    rows = table.of_entries(terms, opened, entries, previous)
    for rule in read:
        findings += _told(rule, rows, entries, files)
    return tuple(findings)


def _understood(rules: Sequence[Rule], opened: OpenPeriod) -> tuple[list[ReadRule], list[Finding]]:
    read: list[ReadRule] = []
    findings: list[Finding] = []
    for rule in rules:
        try:
            read.append(read_rule(rule, opened.fields))
        except RuleFault:
            # the configuration was checked against today's fields; the period was opened with others
            findings.append(finding("rule-not-asked", rule=rule.code, period=opened.period))
    return read, findings


def _all_names(rule: ReadRule) -> Iterator[str]:
    """Give the names that decide, and those that the words of the finding need."""
    yield from rule.names
    for part in (*rule.message, *rule.remedy):
        if isinstance(part, Value):
            yield from names_in(part.node)


def _told(
    rule: ReadRule, rows: table.EntryTable, entries: Sequence[Entry], files: Mapping[str, str]
) -> Iterator[Finding]:
    message, remedy = (written(one, rows.said) for one in (rule.message, rule.remedy))
    broken = _broken(rule, rows.said)
    unread = frozenset[int]().union(*(rows.unread[name] for name in rule.names))
    wanted = rule.rule.applies_to
    for number, entry in enumerate(entries):
        if number not in unread and wanted in ("all", entry.role) and broken(number):
            yield Finding(
                code=rule.rule.code,
                severity=Severity(rule.rule.severity),
                message=message(number),
                remedy=remedy(number),
                place=Place(files.get(entry.unit, ""), entry.sheet, _cell(entry, rule.key)),
                unit=entry.unit,
                task=entry.task,
            )


def _broken(rule: ReadRule, values: Columns) -> OfRow:
    kept = compiled(rule.expect, values)
    if rule.when is None:
        return lambda row: not kept(row)
    when = compiled(rule.when, values)
    return lambda row: when(row) and not kept(row)


def _cell(entry: Entry, key: str) -> str:
    """Give the cell of a field, or the row where the form has no such column."""
    answer = entry.answers.get(key)
    if answer is not None and answer.cell:
        return answer.cell
    return f"第{entry.row}行" if entry.row else ""
