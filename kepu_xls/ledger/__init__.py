"""The ledger: what was opened, what came in, and what counts.  The only package that knows SQL.

One SQLite file a workspace.  It may lie on a network drive, so it keeps to rollback journals (no WAL), and
the workspace's own lock says who writes.  Times are local, in ISO 8601; compound values are JSON of
``model``'s objects.
"""

from kepu_xls.ledger.counted import Counted
from kepu_xls.ledger.derived import Accepted, Derived, Judgement, State, UnitOutcome
from kepu_xls.ledger.files import Files
from kepu_xls.ledger.letters import LetterRow, Letters, LetterState
from kepu_xls.ledger.mailbox import Account, Delivery, KnownMail, Mailbox, MailState
from kepu_xls.ledger.outcomes import Outcomes
from kepu_xls.ledger.periods import Periods
from kepu_xls.ledger.present import Present


class Ledger(Periods, Derived, Outcomes, Files, Counted, Present, Mailbox, Letters):
    """The whole of an open ledger; ``Store`` says how it is opened."""


__all__ = [
    "Accepted",
    "Account",
    "Delivery",
    "Judgement",
    "KnownMail",
    "Ledger",
    "LetterRow",
    "LetterState",
    "MailState",
    "State",
    "UnitOutcome",
]
