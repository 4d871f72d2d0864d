"""The script asks what only a person can tell, and leaves other ways as comments."""

import subprocess
from dataclasses import replace

from shared.model.finding import Step
from shared.report.script import as_script
from tests.report.sample import FAILED, report

REMEDY = (
    Step("Mend it."),
    Step("Not there yet? Only then run it.", "psql <<'SQL'\nINSERT INTO t VALUES (1);\nSQL", asks=True),
    Step("Record it.", "npx prisma migrate resolve --applied 1"),
    Step("Or take it back.", "psql -c 'DROP TABLE t'", choice=True),
)


def test_each_kind_of_step_has_its_form() -> None:
    script = as_script(report(replace(FAILED, remedy=REMEDY)), ["monitor", "check"])
    assert (
        """\
confirm 'Mend it.'
if needed 'Not there yet? Only then run it.'; then
psql <<'SQL'
INSERT INTO t VALUES (1);
SQL
fi
# Record it.
npx prisma migrate resolve --applied 1
# Or take it back.
#     psql -c 'DROP TABLE t'
"""
        in script
    )
    assert subprocess.run(["bash", "-n"], input=script, text=True, check=False).returncode == 0
