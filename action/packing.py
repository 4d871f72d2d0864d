"""``mode: pack``: before the release is packed, write beside its migrations what Prisma makes of ``schema.prisma``."""

from pathlib import Path

from action.workflow import InputError, Workflow
from shared.gather.attempt import GatherError
from shared.gather.prisma_cli import lowered
from shared.prisma.release import SCHEMA_FILE


def run(workflow: Workflow) -> int:
    """Write the file; give the exit status."""
    schema, folder = Path(workflow.needed("prisma-schema")), Path(workflow.needed("migrations"))
    if not folder.is_dir():
        raise InputError(f"`migrations`: there is no folder {folder}")
    try:
        sql = lowered(schema, workflow.environ)
    except GatherError as error:
        workflow.annotate("error", f"{SCHEMA_FILE} was not written: {error}")
        return 1
    (folder / SCHEMA_FILE).write_bytes(sql)
    workflow.annotate("notice", f"{folder / SCHEMA_FILE} was written: pack it with the migrations.")
    return 0
