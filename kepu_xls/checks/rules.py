"""The rules of the configuration, held against every row of a period at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import pandas as pd

from kepu_xls.checks import table
from kepu_xls.checks.expressions import evaluate, fill_in
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
    roles = pd.Series([entry.role.value for entry in entries], dtype=object)
    for rule in read:
        unread = rows.unread[list(rule.names)].any(axis=1)
        wrong = _broken(rule, rows.said) & ~unread & _concerned(rule, roles)
        findings += _told(rule, rows.said[wrong], entries, files)
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


def _broken(rule: ReadRule, values: pd.DataFrame) -> pd.Series:
    kept = evaluate(rule.expect, values)
    return ~kept if rule.when is None else evaluate(rule.when, values) & ~kept


def _concerned(rule: ReadRule, roles: pd.Series) -> pd.Series:
    wanted = rule.rule.applies_to
    return roles.eq(wanted) if wanted != "all" else roles.notna()


def _told(
    rule: ReadRule, broken: pd.DataFrame, entries: Sequence[Entry], files: Mapping[str, str]
) -> Iterator[Finding]:
    words = zip(broken.index, fill_in(rule.message, broken), fill_in(rule.remedy, broken), strict=True)
    for number, message, remedy in words:
        entry = entries[number]
        yield Finding(
            code=rule.rule.code,
            severity=Severity(rule.rule.severity),
            message=message,
            remedy=remedy,
            place=Place(files.get(entry.unit, ""), entry.sheet, _cell(entry, rule.key)),
            unit=entry.unit,
            task=entry.task,
        )


def _cell(entry: Entry, key: str) -> str:
    """Give the cell of a field, or the row where the form has no such column."""
    answer = entry.answers.get(key)
    if answer is not None and answer.cell:
        return answer.cell
    return f"第{entry.row}行" if entry.row else ""
