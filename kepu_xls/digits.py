"""Numbers and bounds in words, in all the digits that programs keep of them.  Pure."""

from __future__ import annotations

from kepu_xls.model import Field


def in_digits(value: float) -> str:
    """Write a number: 1234567.0 → ``1234567``, never 1.23e+06."""
    return f"{value:.15g}"


def bounds(field: Field) -> str:
    """Say what numbers a field takes: ``0 到 100``; empty where it takes any."""
    low, high = field.minimum, field.maximum
    if low is not None and high is not None:
        return f"{in_digits(low)} 到 {in_digits(high)}"
    if low is not None:
        return f"不小于 {in_digits(low)}"
    return f"不大于 {in_digits(high)}" if high is not None else ""
