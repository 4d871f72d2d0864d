import pytest

from shared.model.seed import SeedExpectation, seed_from_option


@pytest.mark.parametrize(
    ("text", "expectation"),
    [
        ("users=6", SeedExpectation("users", exact=6)),
        ("rules>=1", SeedExpectation("rules", min=1)),
        ("x<=3", SeedExpectation("x", max=3)),
        (" app.users = 0 ", SeedExpectation("app.users", exact=0)),
        ("a=b=6", SeedExpectation("a=b", exact=6)),
        ("Röles & co 🦊>=1", SeedExpectation("Röles & co 🦊", min=1)),
    ],
)
def test_an_option_says_how_many_rows(text: str, expectation: SeedExpectation) -> None:
    assert seed_from_option(text) == expectation


@pytest.mark.parametrize(
    "text", ["", "users", "users=", "=6", "users=six", "users=-1", "users==6", "users=>6", "users>6", "users!=6", "users=6.0"]
)  # fmt: skip
def test_an_option_that_makes_no_sense_is_answered_by_an_example(text: str) -> None:
    with pytest.raises(ValueError) as caught:
        seed_from_option(text)
    assert str(caught.value) == f"{text!r}: write TABLE=6, 'TABLE>=1' or 'TABLE<=3'"


@pytest.mark.parametrize("table", ["a.b.c", ".users", "app."])
def test_a_table_is_in_one_schema_at_most(table: str) -> None:
    with pytest.raises(ValueError) as caught:
        seed_from_option(f"{table}=6")
    assert str(caught.value) == (
        f"'{table}=6': `table` must be a table's name, or schema.table, as PostgreSQL stores it"
    )


@pytest.mark.parametrize(
    ("expectation", "words"),
    [
        (SeedExpectation("users", exact=6), "exactly 6"),
        (SeedExpectation("users", min=1), "at least 1"),
        (SeedExpectation("users", max=3), "at most 3"),
        (SeedExpectation("users", min=2, max=4), "2 to 4"),
    ],
)
def test_an_expectation_can_be_read_aloud(expectation: SeedExpectation, words: str) -> None:
    assert str(expectation) == words
