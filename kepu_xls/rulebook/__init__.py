"""The language of ``[[rules]]`` and ``[[lights]]``: labels of fields, comparisons, 且 或 非.

Nothing in it is ever Python: a text becomes tokens, a tree, and a tree whose names and kinds were checked.
A comparison with an empty value does not hold, neither ``==`` nor ``!=``; ``== ""``, ``!= ""``, 为空 and
不为空 are how to ask for emptiness.
"""

from __future__ import annotations

from kepu_xls.rulebook.book import (
    LightRule,
    ReadLight,
    ReadRule,
    Rule,
    RuleFault,
    read_light,
    read_rule,
)
from kepu_xls.rulebook.proofreading import Misread, misread
from kepu_xls.rulebook.tree import Kind, Literal, Name, Node, Op, names_in
from kepu_xls.rulebook.understanding import Value, Wording
from kepu_xls.rulebook.vocabulary import Known, Term, Vocabulary

__all__ = [
    "Kind",
    "Known",
    "LightRule",
    "Literal",
    "Misread",
    "Name",
    "Node",
    "Op",
    "ReadLight",
    "ReadRule",
    "Rule",
    "RuleFault",
    "Term",
    "Value",
    "Vocabulary",
    "Wording",
    "misread",
    "names_in",
    "read_light",
    "read_rule",
]
