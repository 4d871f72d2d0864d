"""A plan as JUnit XML: a migration is a suite, a statement a case of it."""

from itertools import groupby
from xml.etree import ElementTree as ET

from ...model.plan import Plan, PlannedStatement
from ..junit import text_of
from .wording import details, outcome, shortened


def plan_as_junit(plan: Plan) -> str:
    """A statement that fails is a failure; what is said of the others is the output of their cases."""
    root = ET.Element("testsuites", name="migration-monitor")
    for migration, group in groupby(plan.statements, key=lambda each: each.migration):
        cases = [_case(each) for each in group]
        failures = sum(case.find("failure") is not None for case in cases)
        suite = ET.SubElement(
            root, "testsuite", name=text_of(migration), tests=str(len(cases)), errors="0", skipped="0"
        )
        suite.set("failures", str(failures))
        suite.extend(cases)
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _case(statement: PlannedStatement) -> ET.Element:
    name = f"line {statement.line}: {shortened(statement)}"
    case = ET.Element("testcase", classname=text_of(statement.migration), name=text_of(name))
    said = text_of("\n".join([outcome(statement), *details(statement)]))
    if statement.fails:
        ET.SubElement(case, "failure", message=text_of(outcome(statement)), type="deploy-will-fail").text = said
    else:
        ET.SubElement(case, "system-out").text = said
    return case
