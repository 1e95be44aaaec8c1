"""The demo's units: what they put into the inbox is what the story says, and reads like reports."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, time
from pathlib import Path
from zipfile import BadZipFile

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from kepu_xls import config, demo, forms, identity, periods
from kepu_xls.demo import Inventory, Part, Played, Story
from kepu_xls.demo.form_file import FormFile, Table
from kepu_xls.demo.phrases import Pool, Topic, UnitKind, phrases
from kepu_xls.demo.story import cast
from kepu_xls.model import Field, FieldType, Indicator, OpenPeriod, Plan, Record, Required, Role, Task, Unit
from kepu_xls.plan import read_document

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = config.load(ROOT / "config.toml")
UNREADABLE = (Part.NOT_A_WORKBOOK, Part.LITTER)


def open_period(plan: Plan, name: str, fields: tuple[Field, ...] = SETTINGS.fields) -> OpenPeriod:
    period = periods.parse(name)
    deadline = periods.deadline(period, 0, time(17))
    return OpenPeriod(
        period=name,
        version=1,
        opened=datetime.combine(period.first_day, time(9)),
        deadline=deadline,
        cutoff=periods.cutoff(deadline, 5),
        plan=plan,
        fields=fields,
        form_fields=SETTINGS.form_fields,
    )


def write_forms(folder: Path, opened: OpenPeriod, previous: dict[str, dict[str, str]]) -> None:
    press = forms.Press(forms.load_template(ROOT / "templates/form.xlsx", opened.fields, opened.form_fields))
    for unit in opened.expected:
        content = forms.FormContent(
            identity=identity.Identity(unit, opened.period, 1),
            signature="",
            plan_title=opened.plan.title,
            period_label=periods.parse(opened.period).label,
            deadline=opened.deadline,
            organiser="区科协",
            duties=opened.plan.duties_of(unit),
            previous=previous.get(unit, {}),
            fields=opened.fields,
            form_fields=opened.form_fields,
            indicators=opened.plan.indicators_of(unit),
            first_day=date(2016, 1, 1),
        )
        press.write({folder / f"{unit}_{opened.period}_进展填报表.xlsx": content})


class Week(Record, frozen=True):
    """One period of the demo after it was played; rows: unit → task number → field key → what is typed."""

    opened: OpenPeriod
    inbox: Path
    inventory: Inventory
    rows: dict[str, dict[str, dict[str, str]]]

    def duties(self) -> Iterator[tuple[str, Task, Role, dict[str, str]]]:
        """Every row of every unit whose form still has its hidden keys."""
        for unit, tasks in self.rows.items():
            for task, role in self.opened.plan.duties_of(unit):
                yield unit, task, role, tasks[task.number]


def rows_of(table: Table) -> dict[str, dict[str, str]]:
    keys = [key for key in table.columns if not key.startswith("@")]
    return {table.task(row): {key: table.text(row, key) for key in keys} for row in table.rows}


def keyed(inventory: Inventory) -> Iterator[Played]:
    """The files that count and have their hidden keys and the name of their sheet."""
    lost = (*UNREADABLE, Part.REBUILT, Part.RENAMED_SHEET)
    return (played for played in inventory.files if played.final and played.part not in lost)


def play(
    folder: Path, plan: Plan, name: str, story: Story, previous: dict[str, dict[str, str]] | None = None
) -> Week:
    opened, sent, inbox = open_period(plan, name), folder / "forms" / name, folder / "inbox" / name
    write_forms(sent, opened, previous or {})
    inventory = demo.fill_forms(sent, inbox, opened, story)
    rows = {played.unit: rows_of(FormFile(played.path).tasks) for played in keyed(inventory)}
    return Week(opened, inbox, inventory, rows)


def progress(week: Week) -> dict[str, dict[str, str]]:
    return {unit: {task: row["progress"] for task, row in tasks.items()} for unit, tasks in week.rows.items()}


def play_both(folder: Path, plan: Plan) -> tuple[Week, Week]:
    calm = play(folder, plan, "2019-W11", demo.CALM)
    return calm, play(folder, plan, "2019-W12", demo.EVENTFUL, progress(calm))


@pytest.fixture(scope="module")
def real_plan() -> Plan:
    return read_document(ROOT / "templates/plan.txt", "方案").plan


@pytest.fixture(scope="module")
def weeks(tmp_path_factory: pytest.TempPathFactory, real_plan: Plan) -> tuple[Week, Week]:
    return play_both(tmp_path_factory.mktemp("demo"), real_plan)


@pytest.fixture(scope="module")
def calm(weeks: tuple[Week, Week]) -> Week:
    return weeks[0]


@pytest.fixture(scope="module")
def eventful(weeks: tuple[Week, Week]) -> Week:
    return weeks[1]


def arrived(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime)  # noqa: DTZ006 - local time, as the model says


# ── the inventory is true to the files ───────────────────────────────────────────────────────────────


def test_the_inventory_names_every_file_of_the_inbox(weeks: tuple[Week, Week]) -> None:
    for week in weeks:
        found = {path for path in week.inbox.rglob("*") if path.is_file()}
        assert found == {played.path for played in week.inventory.files}


def test_every_unit_is_missing_or_has_one_file_that_counts(weeks: tuple[Week, Week]) -> None:
    for week in weeks:
        final = [played.unit for played in week.inventory.files if played.final]
        assert sorted([*final, *week.inventory.missing]) == sorted(week.opened.expected)


def test_the_shown_week_has_one_of_each_part_and_is_mainly_plain(eventful: Week) -> None:
    counts = Counter(played.part for played in eventful.inventory.files if played.final)
    assert len(eventful.inventory.missing) == 1
    assert counts[Part.PLAIN] == 8
    assert {part for part, count in counts.items() if count == 1} == {*Part} - {
        *UNREADABLE,
        Part.MISSING,
        Part.PLAIN,
    }


def test_the_week_before_is_calm(calm: Week) -> None:
    counts = Counter(played.part for played in calm.inventory.files)
    assert counts == {Part.PLAIN: 17, Part.LATE: 1}
    assert len(calm.inventory.missing) == 2


def test_who_is_missing_in_one_week_is_not_in_the_other(calm: Week, eventful: Week) -> None:
    assert not {*calm.inventory.missing} & {*eventful.inventory.missing}


def test_files_arrive_in_working_hours_before_the_deadline_but_the_late_one(weeks: tuple[Week, Week]) -> None:
    for week in weeks:
        for played in week.inventory.files:
            moment = arrived(played.path)
            if played.part is Part.LATE:
                assert week.opened.deadline < moment < week.opened.cutoff
            else:
                assert week.opened.opened < moment < week.opened.deadline
                assert time(8) < moment.time() < time(18)
        assert len({arrived(played.path).date() for played in week.inventory.files}) >= 3


def test_a_form_sent_twice_comes_with_more_in_it_under_another_name(eventful: Week) -> None:
    first, second = eventful.inventory.of(Part.TWICE)
    assert (first.final, second.final) == (False, True)
    assert first.path.name != second.path.name
    assert arrived(first.path) < arrived(second.path)
    draft, whole = (rows_of(FormFile(played.path).tasks) for played in (first, second))
    assert 0 < sum(any(row.values()) for row in draft.values()) < len(draft)
    assert all(row["status"] for row in whole.values())


def test_a_nil_report_says_unchanged_on_every_row_and_nothing_else(eventful: Week) -> None:
    (nil,) = eventful.inventory.of(Part.NIL)
    rows = rows_of(FormFile(nil.path).tasks).values()
    assert rows
    assert all({key: value for key, value in row.items() if value} == {"unchanged": "是"} for row in rows)


def test_oddities_stand_in_the_cells_that_the_inventory_names(eventful: Week) -> None:
    odd = [played for played in eventful.inventory.files if played.oddities]
    assert {played.part for played in odd} == {Part.FAULTY, Part.LOOSE, Part.COPIED}
    for played in odd:
        rows = rows_of(FormFile(played.path).tasks)
        for oddity in played.oddities:
            assert rows[oddity.task][oddity.field] == ("" if oddity.typed is None else str(oddity.typed))


def test_copied_rows_repeat_the_week_before(calm: Week, eventful: Week) -> None:
    (copied,) = eventful.inventory.of(Part.COPIED)
    assert copied.oddities
    for oddity in copied.oddities:
        assert oddity.typed == calm.rows[copied.unit][oddity.task]["progress"]


def test_moved_rows_keep_their_task_beside_their_text(eventful: Week) -> None:
    (moved,) = eventful.inventory.of(Part.MOVED_ROWS)
    table = FormFile(moved.path).tasks
    assert [table.task(row) for row in table.rows] != [
        task.number for task, _ in eventful.opened.plan.duties_of(moved.unit)
    ]
    assert all(table.task(row) == table.text(row, identity.NUMBER_KEY) for row in table.rows)
    between = {*range(table.rows[0], table.rows[-1] + 1)} - {*table.rows}
    assert [table.text(row, identity.TEXT_KEY) for row in between] == ["（以下任务由业务科室填报）"]


def test_form_level_fields_are_still_filled_below_moved_rows(eventful: Week) -> None:
    (moved,) = eventful.inventory.of(Part.MOVED_ROWS)
    sheet = FormFile(moved.path).tasks.sheet
    assert {"办公室（示例）", "0591-00000000"} <= {cell.value for row in sheet.iter_rows() for cell in row}


def test_a_rebuilt_workbook_has_the_values_and_nothing_hidden(eventful: Week) -> None:
    (rebuilt,) = eventful.inventory.of(Part.REBUILT)
    book = load_workbook(rebuilt.path)
    assert identity.IDENTITY_SHEET not in book.sheetnames
    assert all(sheet.sheet_state == "visible" for sheet in book.worksheets)
    values = {str(cell.value) for sheet in book.worksheets for row in sheet.iter_rows() for cell in row}
    assert {"任务编号", "本期进展情况", "推进中"} <= values
    assert not {value for value in values if value.startswith("@")}


def test_a_renamed_sheet_keeps_everything_else(eventful: Week) -> None:
    (renamed,) = eventful.inventory.of(Part.RENAMED_SHEET)
    names = load_workbook(renamed.path).sheetnames
    assert identity.FORM_SHEET not in names
    assert identity.IDENTITY_SHEET in names


def test_an_arbitrary_name_does_not_tell_the_unit(eventful: Week) -> None:
    (renamed,) = eventful.inventory.of(Part.RENAMED_FILE)
    assert renamed.unit not in str(renamed.path.relative_to(eventful.inbox))
    assert renamed.path.parent != eventful.inbox


def test_the_page_named_like_a_workbook_is_none(eventful: Week) -> None:
    (page,) = eventful.inventory.of(Part.NOT_A_WORKBOOK)
    assert page.path.suffix == ".xlsx"
    with pytest.raises(BadZipFile):
        load_workbook(page.path)


# ── it reads like reports ────────────────────────────────────────────────────────────────────────────


def reported(week: Week) -> Iterator[tuple[str, Task, Role, dict[str, str]]]:
    """The rows that say something of this week, by units that did not spoil them."""
    spoilt = {played.unit for played in week.inventory.files if played.oddities}
    return (duty for duty in week.duties() if not duty[3]["unchanged"] and duty[0] not in spoilt)


def test_texts_are_as_long_as_people_write(weeks: tuple[Week, Week]) -> None:
    for week in weeks:
        for unit, task, role, row in reported(week):
            low, high = (40, 160) if role is Role.LEAD else (15, 60)
            assert low <= len(row["progress"]) <= high, (unit, task.number, row["progress"])


def test_no_two_units_write_the_same_on_a_task(weeks: tuple[Week, Week]) -> None:
    for week in weeks:
        texts = Counter((task.number, row["progress"]) for _, task, _, row in reported(week))
        assert [text for text, count in texts.items() if count > 1] == []


def test_no_unit_writes_the_same_on_two_tasks_or_in_two_weeks(calm: Week, eventful: Week) -> None:
    texts = Counter(
        (unit, row["progress"]) for week in (calm, eventful) for unit, _, _, row in reported(week)
    )
    assert [text for text, count in texts.items() if count > 1] == []


def test_texts_have_no_braces_and_no_doubled_marks_left(weeks: tuple[Week, Week]) -> None:
    for week in weeks:
        for _, _, _, row in reported(week):
            text = "".join(row.values())
            assert not [mark for mark in ("{", "}", "““", "””", "None", "。。", "，，") if mark in text]


def test_figures_are_totals_that_never_shrink(weeks: tuple[Week, Week]) -> None:
    calm, eventful = weeks
    before = {(unit, task): row for unit, task, _, row in reported(calm)}
    grown = 0
    for unit, task, _, row in reported(eventful):
        for key in ("activities", "attendance", "funds"):
            old, new = before.get((unit, task), {}).get(key, ""), row[key]
            if old and new and new.replace(".", "").isdigit():
                assert float(new) >= float(old), (unit, task, key)
                grown += float(new) > float(old)
    assert grown > 100


def test_what_is_required_is_filled_and_within_bounds(weeks: tuple[Week, Week]) -> None:
    for week in weeks:
        for unit, task, role, row in reported(week):
            for field in week.opened.fields:
                place = (unit, task.number, field.key)
                assert row[field.key] or not field.required.covers(role), place
                if row[field.key] and field.choices:
                    assert row[field.key] in field.choices, place
                if row[field.key] and field.type in (FieldType.INTEGER, FieldType.DECIMAL, FieldType.PERCENT):
                    assert 0 <= float(row[field.key]) <= (field.maximum or 20_000), place


def test_progress_never_goes_back_and_often_moves(calm: Week, eventful: Week) -> None:
    moves = [
        int(row["percent"]) - int(before)
        for unit, task, _, row in reported(eventful)
        if row["percent"] and (before := calm.rows.get(unit, {}).get(task.number, {}).get("percent"))
    ]
    assert min(moves) >= 0
    assert moves.count(0) > 5
    assert len(moves) - moves.count(0) > len(moves) / 2


def test_leads_are_mostly_under_way_and_some_done_behind_or_not_started(eventful: Week) -> None:
    rows = [row for _, _, role, row in reported(eventful) if role is Role.LEAD]
    states = Counter(row["status"] for row in rows)
    assert set(states) == {"未启动", "推进中", "已完成", "滞后"}
    assert states["推进中"] > 0.7 * len(rows)
    assert all(row["percent"] == "100" for row in rows if row["status"] == "已完成")
    assert all(row["problems"] for row in rows if row["status"] == "滞后")
    assert all(not int(row["activities"]) for row in rows if row["status"] == "未启动")


def test_leads_stand_around_the_elapsed_time(eventful: Week) -> None:
    percents = [int(row["percent"]) for _, _, role, row in reported(eventful) if role is Role.LEAD]
    assert 60 <= sum(percents) / len(percents) <= 72
    assert len(set(percents)) > 15


def test_nobody_is_named(weeks: tuple[Week, Week]) -> None:
    for week in weeks:
        for played in keyed(week.inventory):
            values = {cell.value for row in FormFile(played.path).tasks.sheet.iter_rows() for cell in row}
            assert {"办公室（示例）", "分管领导（示例）", "0591-00000000"} <= values


def test_forms_are_dated_on_the_day_they_arrive(weeks: tuple[Week, Week]) -> None:
    for week in weeks:
        for played in keyed(week.inventory):
            cells = [cell.value for row in FormFile(played.path).tasks.sheet.iter_rows() for cell in row]
            label = next(n for n, value in enumerate(cells) if str(value).startswith("填报日期"))
            day = next(value for value in cells[label + 1 :] if value is not None)
            assert str(day)[:10] == arrived(played.path).date().isoformat()


def test_indicators_grow_alike_for_all_their_leads(calm: Week, eventful: Week) -> None:
    told: list[dict[tuple[str, str], set[str]]] = []
    for week in (calm, eventful):
        figures: dict[tuple[str, str], set[str]] = {}
        for played in keyed(week.inventory):
            table = FormFile(played.path).indicators
            for row in table.rows if table is not None else ():
                assert table is not None
                key = table.task(row), table.text(row, "@indicator")
                figures.setdefault(key, set()).add(table.text(row, "@value"))
        told.append(figures)
    before, now = told
    assert {key[0] for key in now} == {"2.2.3", "2.5.2"}
    assert all(len(values) == 1 for values in (*before.values(), *now.values()))
    assert now["2.2.3", "“科普智慧云”互动大屏"] == {"7"}
    targets = {(one.task, one.name): one.target for one in eventful.opened.plan.indicators}
    for key, (value,) in now.items():
        (earlier,) = before[key]
        assert float(earlier) <= float(value) < targets[key]
    assert now != before


def test_playing_again_gives_the_same_values(
    tmp_path: Path, real_plan: Plan, calm: Week, eventful: Week
) -> None:
    again = play(tmp_path, real_plan, "2019-W12", demo.EVENTFUL, progress(calm))
    for one, other in zip(eventful.inventory.files, again.inventory.files, strict=True):
        assert (one.unit, one.part, one.oddities) == (other.unit, other.part, other.oddities)
        assert one.path.relative_to(eventful.inbox) == other.path.relative_to(again.inbox)
        assert arrived(one.path) == arrived(other.path)
        if one.part in UNREADABLE:
            assert one.path.read_bytes() == other.path.read_bytes()
        else:
            assert all_values(one.path) == all_values(other.path)


def all_values(path: Path) -> list[list[tuple[object, ...]]]:
    return [list(sheet.iter_rows(values_only=True)) for sheet in load_workbook(path).worksheets]


# ── any plan will do ─────────────────────────────────────────────────────────────────────────────────


def small_plan(count: int) -> Plan:
    """A plan of unknown matters and kinds of units."""
    names = tuple(f"{letter}镇" for letter in "甲乙丙丁戊己庚辛"[:count])
    return Plan(
        title="乡村建设",
        units=tuple(map(Unit, names)),
        tasks=(
            Task(
                "1.1.1", "一", "道路", "1、修建村道，方便群众出行。", leads=names[:1], participants=names[1:]
            ),
            Task("1.1.2", "一", "道路", "养护桥梁。", leads=names[-2:], participants=names[:-2]),
            Task("1.2.1", "一", "", "美化" * 30, leads=names[:1], participants=names[-1:]),
        ),
        indicators=(Indicator("1.1.1", "村道", 12.5, "公里"),),
    )


@pytest.mark.parametrize("count", [1, 2, 3, 8])
def test_a_small_plan_of_unknown_matters_is_played_as_well(tmp_path: Path, count: int) -> None:
    week = play_both(tmp_path, small_plan(count))[1]
    assert len(week.inventory.missing) <= 1
    assert len({played.unit for played in week.inventory.files if played.final}) >= count - 1
    texts = [(task.number, row["progress"]) for _, task, _, row in reported(week)]
    assert texts
    assert len(texts) == len(set(texts))
    for _, _, role, row in reported(week):
        low, high = (40, 160) if role is Role.LEAD else (15, 60)
        assert low <= len(row["progress"]) <= high, row["progress"]


def test_three_units_play_the_three_that_come_first(tmp_path: Path) -> None:
    story = Story(chapter=1, pace=50, parts=(Part.NIL,))
    week = play(tmp_path, small_plan(3), "2019-W12", story)
    assert [(played.unit, played.part) for played in week.inventory.files] == [
        ("甲镇", Part.PLAIN),
        ("乙镇", Part.PLAIN),
        ("丙镇", Part.NIL),
    ]


def test_other_periods_than_weeks_are_played(tmp_path: Path) -> None:
    opened = open_period(small_plan(5), "2019-Q1")
    write_forms(tmp_path / "forms", opened, {})
    inventory = demo.fill_forms(tmp_path / "forms", tmp_path / "inbox", opened, demo.EVENTFUL)
    assert all(arrived(played.path) < opened.cutoff for played in inventory.files)


def test_fields_of_the_clerks_own_are_filled_by_their_type(tmp_path: Path) -> None:
    own = (
        Field("colour", "颜色", FieldType.CHOICE, Required.ALL, choices=("红", "绿")),
        Field("reason", "理由", FieldType.TEXT, Required.LEAD),
        Field("houses", "户数", FieldType.INTEGER, Required.ALL, minimum=3),
        Field("start", "开工日期", FieldType.DATE, Required.LEAD),
    )
    status = msgspec.structs.replace(SETTINGS.fields[1], choices=("好", "不好"), worst_first=(), accepts={})
    fields = (SETTINGS.fields[0], status, *SETTINGS.fields[2:], *own)
    opened = open_period(small_plan(1), "2019-W12", fields)
    write_forms(tmp_path / "forms", opened, {})
    (played,) = demo.fill_forms(tmp_path / "forms", tmp_path / "inbox", opened, Story(0, 50.0)).files
    for row in rows_of(FormFile(played.path).tasks).values():
        assert row["status"] in ("好", "不好")
        assert (row["colour"], row["houses"]) == ("红", "3")
        assert row["reason"]
        assert date.fromisoformat(row["start"][:10]) > date(2019, 3, 22)


def test_where_unchanged_is_not_asked_nobody_leaves_rows_empty(tmp_path: Path) -> None:
    opened = open_period(small_plan(3), "2019-W12")
    told = {unit: dict.fromkeys(("1.1.1", "1.1.2", "1.2.1"), "上期做了一些工作") for unit in opened.expected}
    write_forms(tmp_path / "forms", opened, told)
    fields = tuple(field for field in SETTINGS.fields if field.key != "unchanged")
    without = msgspec.structs.replace(opened, fields=fields)
    story = Story(chapter=1, pace=50.0, parts=(Part.NIL,))
    inventory = demo.fill_forms(tmp_path / "forms", tmp_path / "inbox", without, story)
    assert [played.part for played in inventory.files] == [Part.PLAIN] * 3
    for played in inventory.files:
        assert all(row["status"] for row in rows_of(FormFile(played.path).tasks).values())


def test_units_with_long_names_still_say_something(tmp_path: Path) -> None:
    names = ("很长很长的名称" * 6 + "办公室", "更长更长更长的名称" * 6 + "委员会")
    task = Task("1.1.1", "一", "道路", "修建村道。", leads=names[:1], participants=names[1:])
    week = play(tmp_path, Plan("乡村", (task,), tuple(map(Unit, names))), "2019-W12", Story(1, 50.0))
    assert all(row["progress"] for _, _, _, row in week.duties())
    assert len(week.rows) == 2


def test_a_workbook_that_is_no_form_is_not_passed_over(tmp_path: Path) -> None:
    Workbook().save(tmp_path / "别的.xlsx")
    with pytest.raises(KeyError):
        demo.fill_forms(tmp_path, tmp_path / "inbox", open_period(small_plan(2), "2019-W12"), demo.CALM)


@given(count=st.integers(min_value=1, max_value=60))
def test_casting_gives_every_unit_one_part_and_leaves_two_in_five_plain(count: int) -> None:
    units = tuple(f"单位{n}" for n in range(count))
    for story in (demo.CALM, demo.EVENTFUL):
        parts = cast(story, units)
        assert tuple(parts) == units
        assert sum(part is Part.PLAIN for part in parts.values()) * 5 >= count * 2
        assert list(parts.values()).count(Part.MISSING) <= 2


def test_sentences_count_activities_only_where_there_are_some() -> None:
    told = phrases()
    pools: tuple[Topic | UnitKind | Pool, ...] = (*told.topics, *told.kinds, told.shared)
    standings = (told.closing, told.not_started, told.behind, told.done)
    works = [text for pool in pools for text in pool.works]
    works += [text for one in standings for text in (*one.lead, *one.share)]
    assert not [text for text in works if "{count}" in text or "{people}" in text]
    events = [text for pool in pools for text in pool.events]
    assert not [text for text in events if "{count}" not in text or "{people}" not in text]
