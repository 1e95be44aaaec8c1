"""What a form says of itself: unit, period and version, signed with the workspace's own secret.

A form carries it on a hidden sheet; a hidden column holds the task numbers and a hidden row the field keys.
Forms write these, intake looks for them; this module is the one place that knows their names.
"""

from __future__ import annotations

import hashlib
import hmac

from kepu_xls.model import Record

IDENTITY_SHEET = "_kepu"
"""Name of the hidden sheet: column A holds the names below, column B their values, both as text."""

FORM_SHEET = "进展填报表"
INDICATOR_SHEET = "量化指标填报"
GUIDE_SHEET = "填表说明"
RETURN_SHEET = "需修改"
"""First sheet of a return copy: what is wrong, all at once."""

TASK_KEY = "@task"
"""Stands in the hidden key row above the hidden column A of task numbers, on both tables that units fill."""

NUMBER_KEY, PROJECT_KEY, TEXT_KEY = "@number", "@project", "@text"
ROLE_KEY, PREVIOUS_KEY = "@role", "@previous"

CONTEXT_COLUMNS = {
    NUMBER_KEY: "任务编号",
    PROJECT_KEY: "项目",
    TEXT_KEY: "主要任务",
    ROLE_KEY: "承担角色",
    PREVIOUS_KEY: "上期进展",
}
"""The columns of the task table that are not asked for: key in the hidden key row → header."""

UNIT_KEY, PERIOD_KEY, VERSION_KEY, SIGNATURE_KEY = "unit", "period", "version", "signature"

INDICATOR_COLUMNS = ("任务编号", "指标", "目标值", "计量单位", "完成时限", "本期累计完成", "说明")
"""Header of the indicator table; the last two are filled by the unit."""
INDICATOR_KEYS = (NUMBER_KEY, "@indicator", "@target", "@measure", "@deadline", "@value", "@note")
"""The hidden key row above that header; it starts in column B, beside ``@task`` in the hidden column A."""


class Identity(Record, frozen=True):
    """Whose form this is, of which period, and which issue of it."""

    unit: str
    period: str
    version: int


def sign(secret: bytes, identity: Identity) -> str:
    """Sign an identity: HMAC-SHA256 as hex."""
    text = "\n".join(("kepu-form", identity.unit, identity.period, str(identity.version)))
    return hmac.new(secret, text.encode(), hashlib.sha256).hexdigest()


def verify(secret: bytes, identity: Identity, signature: str) -> bool:
    """Tell whether the signature is this workspace's own for that identity."""
    return hmac.compare_digest(sign(secret, identity).encode(), signature.strip().lower().encode())
