"""One walk over the rows of 明细数据 before anything is written: where things stand, what crowds say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable

import msgspec

from kepu_xls.model import Entry, FieldType, OpenPeriod, Record, Scalar, Task
from kepu_xls.outcome import MANY, Consolidated, Crowd, Extreme, TaskRow
from kepu_xls.report import figures, layout

DetailRows = Callable[[], Iterable[tuple[Task, Entry]]]
"""Gives the entries that count with their tasks, anew at each call: by task number, then leads first.

They are walked over twice, once to see where each stands, once to be written, and are never held."""

_WORDS = 5  # of a crowd, told by name
_SAMPLE = 200


class Survey(Record, frozen=True):
    """What the walk found.  Lines of 明细数据 are counted from 0, the header left out.

    ``of_entry`` holds the (unit, task) pairs that something leads to; ``sample`` are rows from all over the
    table, ``longest`` the longest number in each field of numbers.
    """

    lines: int
    of_entry: dict[tuple[str, str], int]
    of_unit: dict[str, int]
    of_task: dict[str, int]
    sample: tuple[tuple[Task, Entry], ...]
    longest: dict[str, str]
    crowds: dict[str, Crowd]


def survey(data: Consolidated, detail: DetailRows) -> Survey:
    """Walk over the rows once."""
    walk = _Walk(data)
    for task, entry in detail():
        walk.see(task, entry)
    return walk.found()


def summed_up(data: Consolidated, found: Survey) -> Consolidated:
    """Put counts and extremes in the place of the entries where a task has more units than can be told."""
    rows = tuple(_summed_up(row, found.crowds.get(row.task.number)) for row in data.rows)
    return msgspec.structs.replace(data, rows=rows)


def _summed_up(row: TaskRow, crowd: Crowd | None) -> TaskRow:
    return row if crowd is None else msgspec.structs.replace(row, entries=(), crowd=crowd)


def units_of(task: Task) -> int:
    """Count the units of a task."""
    return len(task.leads) + len(task.participants)


def pieces(entry: Entry) -> int:
    """Count the lines that an entry takes: one, and more only where a text is longer than a cell holds."""
    texts = [answer.value for answer in entry.answers.values() if answer.value.__class__ is str]
    if not texts or max(map(len, texts)) * 2 <= layout.LONGEST_TEXT:
        return 1
    return max(len(layout.cut(text)) for text in texts)


class _Walk:
    """What was seen so far."""

    def __init__(self, data: Consolidated) -> None:
        self.line, self.step, self.count = 0, 1, 0
        self.sought = {(one.unit, one.task) for one in figures.findings(data) if one.task}
        self.sought |= {(one.unit, one.task) for one in data.indicator_values}
        self.numbers = [one.key for one in data.opened.fields if figures.is_numeric(one.type)]
        self.opened = data.opened
        self.of_entry: dict[tuple[str, str], int] = {}
        self.of_unit: dict[str, int] = {}
        self.of_task: dict[str, int] = {}
        self.sample: list[tuple[Task, Entry]] = []
        self.longest: dict[str, str] = {}
        self.crowds: dict[str, _Counting] = {}
        self.many = {task.number for task in data.opened.plan.tasks if units_of(task) > MANY}

    def see(self, task: Task, entry: Entry) -> None:
        """Note an entry."""
        here = entry.unit, task.number
        if here in self.sought:
            self.of_entry.setdefault(here, self.line)
        self.of_unit.setdefault(entry.unit, self.line)
        self.of_task.setdefault(task.number, self.line)
        self._keep(task, entry)
        for key in self.numbers:
            value = entry.value(key)
            if value and len(text := str(value)) > len(self.longest.get(key, "")):
                self.longest[key] = text
        if task.number in self.many:
            if task.number not in self.crowds:
                self.crowds[task.number] = _Counting(self.opened)
            self.crowds[task.number].see(entry)
        self.line += pieces(entry)

    def _keep(self, task: Task, entry: Entry) -> None:
        """Keep every so-and-so-manieth entry; of twice as many rows, every second of those."""
        if self.count % self.step == 0:
            self.sample.append((task, entry))
            if len(self.sample) > 2 * _SAMPLE:
                self.sample, self.step = self.sample[::2], self.step * 2
        self.count += 1

    def found(self) -> Survey:
        """Give what was seen."""
        return Survey(
            lines=self.line,
            of_entry=self.of_entry,
            of_unit=self.of_unit,
            of_task=self.of_task,
            sample=tuple(self.sample),
            longest=self.longest,
            crowds={number: counting.crowd() for number, counting in self.crowds.items()},
        )


class _Counting:
    """Counts of one task while its entries go by."""

    def __init__(self, opened: OpenPeriod) -> None:
        self.rows = 0
        fields = opened.fields
        self.chosen = [one.key for one in fields if one.type is FieldType.CHOICE]
        self.numbers = [one.key for one in fields if figures.is_numeric(one.type)]
        self.texts = [one.key for one in fields if one.type is FieldType.TEXT]
        self.choices: dict[str, Counter[str]] = {}
        self.extremes: dict[str, tuple[Extreme, Extreme]] = {}
        self.told: Counter[str] = Counter()
        self.words: dict[str, list[tuple[str, str]]] = {}

    def see(self, entry: Entry) -> None:
        """Count an entry."""
        self.rows += 1
        said = {
            key: one.value for key, one in entry.answers.items() if one.value is not None and one.value != ""
        }
        for key in self.chosen:
            if key in said:
                self.choices.setdefault(key, Counter())[str(said[key])] += 1
        for key in self.numbers:
            if key in said:
                self._measure(key, entry.unit, said[key])
        for key in self.texts:
            if key in said:
                self._tell(key, entry.unit, said[key])

    def _tell(self, key: str, unit: str, value: Scalar) -> None:
        self.told[key] += 1
        words = self.words.setdefault(key, [])
        if len(words) < _WORDS:
            words.append((unit, str(value)))

    def _measure(self, key: str, unit: str, value: Scalar) -> None:
        number = figures.number(value)
        if number is None:
            return
        this = Extreme(number, unit)
        least, most = self.extremes.get(key, (this, this))
        self.extremes[key] = (
            this if number < least.value else least,
            this if number > most.value else most,
        )

    def crowd(self) -> Crowd:
        """Give the counts."""
        return Crowd(
            rows=self.rows,
            choices={key: dict(counts) for key, counts in self.choices.items()},
            extremes=self.extremes,
            told=dict(self.told),
            words={key: tuple(words) for key, words in self.words.items()},
        )
