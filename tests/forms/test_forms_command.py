"""What ``kepu forms`` and ``kepu merge`` make of units and fields, through the real command line."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import openpyxl
from small_workspace import Small

from kepu_xls.identity import FORM_SHEET
from kepu_xls.model import Plan, Task, Unit

PLAN = Plan(
    "",
    units=(Unit("区科协"), Unit("区教育局")),
    tasks=(Task("1.1.1", "一、重点", "（一）行动", "开展培训。", ("区科协",), ("区教育局",)),),
)


def edit_config(small: Small, old: str, new: str) -> None:
    path = small.root / "config.toml"
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_a_field_deleted_from_the_configuration_is_left_out_and_told(tmp_path: Path) -> None:
    small = Small(tmp_path / "科普", PLAN)
    text = (small.root / "config.toml").read_text(encoding="utf-8")
    (block,) = (one for one in text.split("\n\n") if 'key = "evidence"' in one)
    edit_config(
        small, block, '[[fields]]\nkey = "media"\nlabel = "媒体报道"\ntype = "integer"\nmerge = "sum"'
    )
    edit_config(
        small,
        '[[form_fields]]\nkey = "phone"',
        '[[form_fields]]\nkey = "leader"\nlabel = "分管领导"\n\n[[form_fields]]\nkey = "phone"',
    )
    run = small.kepu("forms", "--period", "2019-W12", "--json")
    assert run.code == 0, run.err
    (told,) = (one for one in run.json["findings"] if one["code"] == "template-field-unasked")
    assert (told["severity"], told["file"], told["cell"]) == ("info", "templates/form.xlsx", "Q5")
    sheet = openpyxl.load_workbook(small.form("2019-W12", "区科协"))[FORM_SHEET]
    assert [cell.value for cell in sheet[6]][-2:] == ["备注", "媒体报道"]

    small.report("2019-W12", "区科协", media=7)
    merged = small.kepu("merge", "--json")
    assert (merged.code, merged.json["entries"]) == (0, 1)
    rows = list(openpyxl.load_workbook(merged.json["report"])["明细数据"].values)
    assert rows[1][rows[0].index("媒体报道")] == 7


def test_tasks_of_a_divided_unit_need_a_person(tmp_path: Path) -> None:
    units = (
        Unit("区科协"),
        Unit("区教育局", until=date(2019, 1, 31), merged_into=("区文旅局", "区体育局")),
        Unit("区文旅局"),
        Unit("区体育局"),
    )
    small = Small(tmp_path / "科普", Plan("", units=units, tasks=PLAN.tasks))
    run = small.kepu("forms", "--period", "2019-W12", "--json")
    assert [one["severity"] for one in run.json["findings"] if one["code"] == "unit-divided"] == ["error"]
    assert run.code == 1


def test_units_whose_names_look_alike_to_windows_get_return_copies_of_their_own(tmp_path: Path) -> None:
    names = ("区科协/甲", "区科协:甲")
    task = Task("1.1.1", "一、重点", "（一）行动", "开展培训。", names[:1], names[1:])
    small = Small(tmp_path / "科普", Plan("", units=tuple(map(Unit, names)), tasks=(task,)))
    made = small.kepu("forms", "--period", "2019-W12", "--json").json["forms"]
    for number, one in enumerate(made):
        small.report("2019-W12", f"{number}号", form=Path(one["path"]), attendance="人很多")
    merged = small.kepu("merge", "--json")
    copies = {one["unit"]: one["return_copy"] for one in merged.json["files"]}
    assert set(copies) == set(names)
    assert len({*copies.values()}) == 2
    for unit, path in copies.items():
        assert unit in str([cell.value for cell in openpyxl.load_workbook(path)[FORM_SHEET]["B"]])
    again = small.kepu("merge", "--json")
    assert again.code == 1, again.out
    assert {one["unit"]: one["return_copy"] for one in again.json["files"]} == copies
