"""The command line: one thin function a verb.  What is heavy is imported when its command runs."""

from kepu_xls.cli.fetching import fetch, run
from kepu_xls.cli.looking import demo, doctor, findings, history, status
from kepu_xls.cli.mailing import mail, remind, send
from kepu_xls.cli.planning import init, plan
from kepu_xls.cli.root import kepu, main
from kepu_xls.cli.weekly import brief, forms, merge, report, restore, rollup, void

# in the order in which help lists them: as the work goes
for _command in (
    init,
    plan,
    forms,
    send,
    fetch,
    merge,
    void,
    restore,
    report,
    brief,
    rollup,
    status,
    remind,
    findings,
    history,
    run,
    mail,
    demo,
    doctor,
):
    kepu.add_command(_command)

__all__ = ["kepu", "main"]
