"""``mode: check``: compare a production with its release on a schedule, from a runner."""

from action.monitor import called, published, results
from action.workflow import InputError, Workflow

_PASSED, _UNKNOWN = 0, 1


def run(workflow: Workflow) -> int:
    """Check, annotate, summarize, write the facts; give the exit status."""
    on_unknown = workflow.on_unknown()
    target = _target(workflow)
    found = results(workflow)
    strict = ["--strict"] if workflow.is_strict else []
    schema = ["--prisma-schema", path] if (path := workflow.input("prisma-schema")) else []
    status = called(["check", *target, *schema, *strict, *found.options()], workflow)
    if published(found, workflow, "report") is None:
        return status or 1
    file = workflow.input("facts-output")
    if file and called(["facts", *target, "--output", file], workflow) != _PASSED:
        workflow.annotate("warning", "The facts of the production were not written: the log says why.")
    if status == _UNKNOWN and not on_unknown:
        workflow.annotate("warning", "A check is unknown: the summary says why.")
        return 0
    return status


def _target(workflow: Workflow) -> list[str]:
    name = workflow.input("target")
    if config := workflow.input("config"):
        return ["--config", config, *(["--target", name] if name else [])]
    if name:
        raise InputError("`target` names one of the settings: give `config`, too")
    if not workflow.environ.get("DATABASE_URL"):
        raise InputError("mode check needs `config`, or DATABASE_URL in the environment of the step")
    prisma = workflow.input("prisma")
    return ["--migrations", workflow.needed("migrations"), *(["--prisma", prisma] if prisma else [])]
