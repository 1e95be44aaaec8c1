"""The days whose mail is looked at for a period."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from kepu_xls import periods
from kepu_xls.mail_settings import ImapSettings
from kepu_xls.model import OpenPeriod, Record


class Window(Record, frozen=True):
    """The days whose mail is looked at for a period, both included."""

    first: date
    last: date

    @property
    def begins(self) -> datetime:
        """The first moment within."""
        return datetime.combine(self.first, time.min)

    @property
    def ends(self) -> datetime:
        """The first moment after."""
        return datetime.combine(self.last + timedelta(days=1), time.min)

    def holds(self, when: datetime) -> bool:
        """Tell whether a moment lies within."""
        return self.begins <= when < self.ends


def window(settings: ImapSettings, opened: OpenPeriod) -> Window:
    """Give the days whose mail is looked at for a period, as ``[mail.imap]`` bounds them."""
    return Window(
        periods.parse(opened.period).first_day - timedelta(days=settings.days_before),
        opened.cutoff.date() + timedelta(days=settings.days_after),
    )
