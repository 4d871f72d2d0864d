"""What the server is asked about a plan."""

from shared.diagnose.settling import questions_of_plan
from shared.model.plan import Analysis, Blocks, Outcome, Plan, PlannedStatement, Prediction
from shared.model.question import Question

BODY, REPLACED = Question("SELECT 1", ("public",)), Question("SELECT 'x'", ("public",))


def test_both_sides_of_a_comparison_are_asked_once() -> None:
    """CREATE OR REPLACE VIEW is refused where the types of two answers differ (42P16)."""
    analyses = (Analysis(BODY, "its query"), Analysis(BODY, "its columns", same_as=REPLACED))
    statement = PlannedStatement("1_view", 1, "…", Prediction(Outcome.OK, analyses=analyses), Blocks.NONE)
    assert questions_of_plan(Plan(("1_view",), (statement, statement))) == (BODY, REPLACED)
