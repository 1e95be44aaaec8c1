"""The demo's example texts, and which of them suit a task or a unit."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib import resources

import msgspec

from kepu_xls.model import Record, Task


class Pool(Record, frozen=True):
    """Sentences for a period with activities, and for one without."""

    events: tuple[str, ...]
    works: tuple[str, ...]


class Topic(Record, frozen=True):
    """What leads write on a subject.  ``words``: those of a task's text that call for it; none: any task.

    ``things``: what to call the matter; left out, it is called by the words found.
    """

    words: tuple[str, ...]
    events: tuple[str, ...]
    works: tuple[str, ...]
    next_steps: tuple[str, ...]
    problems: tuple[str, ...]
    evidence: tuple[str, ...]
    things: tuple[str, ...] = ()


class UnitKind(Record, frozen=True):
    """What a kind of unit contributes, and where.  ``words``: those of its name; none: any unit."""

    words: tuple[str, ...]
    places: tuple[str, ...]
    events: tuple[str, ...]
    works: tuple[str, ...]


class Standing(Record, frozen=True):
    """What is written on a task that is not simply under way: by its leads, and by those who share in it."""

    lead: tuple[str, ...]
    share: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    next_steps: tuple[str, ...] = ()


class Phrases(Record, frozen=True):
    """All of ``phrases.toml``.  The last topic and the last kind are those that always suit."""

    topics: tuple[Topic, ...]
    kinds: tuple[UnitKind, ...]
    shared: Pool
    closing: Standing
    not_started: Standing
    behind: Standing
    done: Standing


@cache
def phrases() -> Phrases:
    """Read the texts."""
    text = resources.files(__package__).joinpath("phrases.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), Phrases, strict=True)


def topics_of(task: Task) -> tuple[Topic, ...]:
    """Give the topics whose words the task's text has, else the one that suits any task."""
    *known, general = phrases().topics
    found = tuple(topic for topic in known if _words_found(topic, task))
    return found or (general,)


def things_of(topic: Topic, task: Task) -> tuple[str, ...]:
    """Give what a topic's sentences may call the task's matter."""
    return topic.things or _words_found(topic, task) or (f"“{subject_of(task)}”",)


def _words_found(topic: Topic, task: Task) -> tuple[str, ...]:
    return tuple(word for word in topic.words if word in task.text)


def kind_of(unit: str) -> UnitKind:
    """Give the kind whose word the unit's name has, else the one that suits any unit."""
    *known, general = phrases().kinds
    return next((kind for kind in known if any(word in unit for word in kind.words)), general)


_ENUMERATOR = re.compile(r"^\s*[（(]?[\d一二三四五六七八九十]+[）)、.．]\s*")
_CLAUSE_END = re.compile(r"[，。；：、（(,;\n]")
_LONGEST_SUBJECT = 18


def subject_of(task: Task) -> str:
    """Name the task in a few words: the first clause of its text, or its project where that is long."""
    clause = _CLAUSE_END.split(_ENUMERATOR.sub("", task.text), maxsplit=1)[0].strip()
    if 0 < len(clause) <= _LONGEST_SUBJECT:
        return clause
    return task.project if 0 < len(task.project) <= _LONGEST_SUBJECT else "本项任务"
