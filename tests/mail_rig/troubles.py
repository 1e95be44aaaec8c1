"""What can go wrong with a connection, how often, and what was heard before: for SMTP server and wire."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from threading import Condition
from typing import TypeVar

Item = TypeVar("Item")

CUT = "cut"
"""The connection is closed without a word."""
HANG = "hang"
"""Nothing is said any more: the client has to lose patience."""
LOSE_ANSWER = "lose answer"
"""The server does what it was told and answers; the connection is cut before the client hears of it."""
HALVE_ANSWER = "halve answer"
"""The same, but half of the answer's first bytes arrives."""


class Heard(list[Item]):
    """What came, in order. A server's thread adds to it; the test's can wait for what it wants to see."""

    def __init__(self) -> None:
        super().__init__()
        self._news = Condition()

    def append(self, item: Item) -> None:
        """Add what came, and tell those who wait."""
        with self._news:
            super().append(item)
            self._news.notify_all()

    def wait_for(
        self, wanted: Callable[[Item], bool] = lambda _: True, times: int = 1, patience: float = 30
    ) -> None:
        """Wait until so many of what is wanted have come, as a process is to be killed just then."""
        with self._news:
            came = self._news.wait_for(lambda: sum(map(wanted, self)) >= times, patience)
        assert came, f"in {patience} seconds only {list(self)}"


@dataclass
class Times:
    """Counts occasions: lets ``after`` of them pass, then says yes ``times`` times (None: always)."""

    after: int = 0
    times: int | None = 1

    def strike(self) -> bool:
        """Whether it is this occasion; counts it."""
        if self.after:
            self.after -= 1
            return False
        if self.times is None:
            return True
        self.times -= 1
        return self.times >= 0
