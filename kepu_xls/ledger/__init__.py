"""The ledger: what was opened, what came in, and what counts.  The only package that knows SQL.

One SQLite file a workspace.  It may lie on a network drive, so it keeps to rollback journals (no WAL), and
the workspace's own lock says who writes.  Times are local, in ISO 8601; compound values are JSON of
``model``'s objects.
"""

from kepu_xls.ledger.counted import Counted
from kepu_xls.ledger.files import Files
from kepu_xls.ledger.periods import Periods


class Ledger(Periods, Files, Counted):
    """The whole of an open ledger; ``Store`` says how it is opened."""


__all__ = ["Ledger"]
