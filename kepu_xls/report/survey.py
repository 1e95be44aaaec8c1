"""One walk over the entries before anything is written: where they will stand, what crowds say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import groupby
from sys import intern

import msgspec

from kepu_xls.model import Entry, FieldType, OpenPeriod, Record, Task
from kepu_xls.outcome import MANY, Consolidated, Crowd, Extreme, Outline, TaskRow
from kepu_xls.report import figures, layout
from kepu_xls.report.entries import Detail, Portion

_WORDS = 5  # of a crowd, told by name
_SAMPLE = 200
_PORTION = 100
"""So many entries are read and written at a time."""


class Survey(Record, frozen=True):
    """What the walk found.  Lines of 明细数据 are counted from 0, the header left out.

    ``portions`` are all entries in their order.  ``of_entry`` holds the (unit, task) pairs that something
    leads to; ``sample`` are entries from all over the table, ``longest`` the longest number in each field of
    numbers.
    """

    lines: int
    portions: tuple[Portion, ...]
    of_entry: dict[tuple[str, str], int]
    of_unit: dict[str, int]
    of_task: dict[str, int]
    sample: tuple[tuple[Task, Entry], ...]
    longest: dict[str, str]
    crowds: dict[str, Crowd]


def survey(data: Consolidated, detail: Detail) -> Survey:
    """Walk over the entries once."""
    walk = _Walk(data, detail)
    for task, outline in detail.outlines():
        walk.see(task, outline)
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


def lines_of(entry: Entry) -> int:
    """Count the lines that an entry takes: one, and more only where a text is longer than a cell holds."""
    texts = (answer.value for answer in entry.answers.values())
    return max((len(layout.cut(text)) for text in texts if isinstance(text, str)), default=1)


class _Walk:
    """What was seen so far."""

    def __init__(self, data: Consolidated, detail: Detail) -> None:
        self.detail, self.portions, self.task, self.begin = detail, list[Portion](), "", 0
        self.units: list[str] = []
        self.line, self.step, self.count = 0, 1, 0
        self.sought = {(one.unit, one.task) for one in figures.findings(data) if one.task}
        self.sought |= {(one.unit, one.task) for one in data.indicator_values}
        self.opened = data.opened
        self.of_entry: dict[tuple[str, str], int] = {}
        self.of_unit: dict[str, int] = {}
        self.of_task: dict[str, int] = {}
        self.sample: list[tuple[Task, str]] = []
        self.counted: dict[str, _Counting] = {}
        self.many = {task.number for task in data.opened.plan.tasks if units_of(task) > MANY}

    def see(self, task: Task, outline: Outline) -> None:
        """Note an entry."""
        entry = outline.entry
        here = entry.unit, task.number
        self._go_on(task.number, entry.unit)
        if here in self.sought:
            self.of_entry.setdefault(here, self.line)
        self.of_unit.setdefault(entry.unit, self.line)
        self.of_task.setdefault(task.number, self.line)
        self._keep(task, entry.unit)
        if task.number not in self.counted:
            self.counted[task.number] = _Counting(self.opened)
        self.counted[task.number].see(outline)
        long = max(outline.texts.values(), default=0) > layout.SURELY_WHOLE
        self.line += max(map(lines_of, self.detail.entries(task.number, [entry.unit]))) if long else 1

    def _go_on(self, task: str, unit: str) -> None:
        """Go on with a portion, or begin the next."""
        if task != self.task or len(self.units) >= _PORTION:
            self._end_portion()
            self.task, self.begin = task, self.line
        self.units.append(intern(unit))

    def _end_portion(self) -> None:
        if self.units:
            self.portions.append(Portion(self.task, tuple(self.units), self.begin))
            self.units.clear()

    def _keep(self, task: Task, unit: str) -> None:
        """Keep every so-and-so-manieth entry; of twice as many rows, every second of those."""
        if self.count % self.step == 0:
            self.sample.append((task, unit))
            if len(self.sample) > 2 * _SAMPLE:
                self.sample, self.step = self.sample[::2], self.step * 2
        self.count += 1

    def found(self) -> Survey:
        """Give what was seen."""
        self._end_portion()
        return Survey(
            lines=self.line,
            portions=tuple(self.portions),
            of_entry=self.of_entry,
            of_unit=self.of_unit,
            of_task=self.of_task,
            sample=tuple(self._sampled()),
            longest=self._longest(),
            crowds={task: self._crowd(task, one) for task, one in self.counted.items() if task in self.many},
        )

    def _longest(self) -> dict[str, str]:
        """Give the longest number of each field, the first of those as long."""
        found: dict[str, str] = {}
        for counting in self.counted.values():
            for key, reach in counting.reached.items():
                if len(reach.longest) > len(found.get(key, "")):
                    found[key] = reach.longest
        return found

    def _sampled(self) -> Iterator[tuple[Task, Entry]]:
        """Give the entries that were chosen, whole."""
        for task, some in groupby(self.sample, lambda one: one[0]):
            units = [unit for _, unit in some]
            yield from ((task, entry) for entry in self.detail.entries(task.number, units))

    def _crowd(self, task: str, counting: _Counting) -> Crowd:
        """Give the counts of a task, with the first words under each field."""
        words = {
            key: tuple((one.unit, str(one.value(key))) for one in self.detail.entries(task, units))
            for key, units in counting.words.items()
        }
        return counting.crowd(words)


class _Reach:
    """How far the numbers of a field reach: the least, the most, and the longest to be written."""

    def __init__(self, unit: str, value: float) -> None:
        self.least = self.most = Extreme(float(value), unit)
        self.longest, self._longer = "", 1  # whole numbers below this are no longer than the longest
        self.see(unit, value)

    def see(self, unit: str, value: float) -> None:
        """Look at a number."""
        if value < self.least.value:
            self.least = Extreme(float(value), unit)
        elif value > self.most.value:
            self.most = Extreme(float(value), unit)
        if value and not (value.__class__ is int and 0 < value < self._longer):
            text = str(value)
            if len(text) > len(self.longest):
                self.longest, self._longer = text, 10 ** len(text)


class _Counting:
    """Counts of one task while its entries go by."""

    def __init__(self, opened: OpenPeriod) -> None:
        self.rows = 0
        fields = opened.fields
        self.chosen = frozenset(one.key for one in fields if one.type is FieldType.CHOICE)
        self.numbers = frozenset(one.key for one in fields if figures.is_numeric(one.type))
        self.choices: dict[str, Counter[str]] = {key: Counter() for key in self.chosen}
        self.reached: dict[str, _Reach] = {}
        self.told: Counter[str] = Counter()
        self.words: dict[str, list[str]] = {}

    def see(self, outline: Outline) -> None:
        """Count an entry."""
        self.rows += 1
        unit = outline.entry.unit
        for key, answer in outline.entry.answers.items():
            value = answer.value
            if key in self.numbers and isinstance(value, int | float):
                if key in self.reached:
                    self.reached[key].see(unit, value)
                else:
                    self.reached[key] = _Reach(unit, value)
            elif key in self.chosen and value:
                self.choices[key][str(value)] += 1
        for key, length in outline.texts.items():
            if length:
                self._tell(key, unit)

    def _tell(self, key: str, unit: str) -> None:
        self.told[key] += 1
        words = self.words.setdefault(key, [])
        if len(words) < _WORDS:
            words.append(unit)

    def crowd(self, words: dict[str, tuple[tuple[str, str], ...]]) -> Crowd:
        """Give the counts, with some of the words that go with them."""
        return Crowd(
            rows=self.rows,
            choices={key: dict(counts) for key, counts in self.choices.items() if counts},
            extremes={key: (reach.least, reach.most) for key, reach in self.reached.items()},
            told=dict(self.told),
            words=words,
        )
