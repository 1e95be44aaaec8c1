"""The first thing that is wrong with ``[[rules]]`` and ``[[lights]]``, for config.py to point at."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from kepu_xls.model import Field, Record
from kepu_xls.rulebook.book import LightRule, Rule, RuleFault, read_light, read_rule

_CODE = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


class Misread(Record, frozen=True):
    """A fault at ``key`` in the ``index``-th table of that name: a code of the catalogue, its details."""

    table: str
    index: int
    key: str
    code: str
    details: dict[str, object]


def misread(
    rules: Sequence[Rule], lights: Sequence[LightRule], fields: tuple[Field, ...], taken: Iterable[str]
) -> Misread | None:
    """Find the first rule that cannot be used, None where all can.  ``taken`` are codes no rule may have."""
    return next(chain(_wrong_rules(rules, fields, set(taken)), _wrong_lights(lights, fields)), None)


def _wrong_rules(rules: Sequence[Rule], fields: tuple[Field, ...], taken: set[str]) -> Iterator[Misread]:
    for index, rule in enumerate(rules):
        if not _CODE.fullmatch(rule.code):
            yield Misread("rules", index, "code", "rule-code", {"rule": rule.code})
        if rule.code in taken:
            yield Misread("rules", index, "code", "rule-code-taken", {"rule": rule.code})
        taken.add(rule.code)
        try:
            read_rule(rule, fields)
        except RuleFault as found:
            yield _pointed(found, "rules", index, f"规则“{rule.code}”")


def _wrong_lights(lights: Sequence[LightRule], fields: tuple[Field, ...]) -> Iterator[Misread]:
    for index, light in enumerate(lights):
        try:
            read_light(light, fields)
        except RuleFault as found:
            yield _pointed(found, "lights", index, f"第{index + 1}条亮灯规则（{light.colour}）")


def _pointed(found: RuleFault, table: str, index: int, what: str) -> Misread:
    """Say which character is at fault, and show it."""
    at = found.fault.at
    details = {
        "where": f"{what}的 {found.key} 第{at + 1}个字",
        "shown": " ".join(f"{found.text[:at]}▶{found.text[at:]}".split()),
    }
    return Misread(table, index, found.key, found.fault.code, {**found.fault.details, **details})
