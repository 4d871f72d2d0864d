from shared.postgres.parse import parse
from shared.postgres.parts import Parts, parts_of
from tests.tables import hold

# A name may hold any character that is not ASCII.
CUT = (
    ("DROP TABLE a, b", Parts("DROP TABLE ", ("a", "b"), ", ")),
    ("DROP TABLE a☃b, s.☃ CASCADE", Parts("DROP TABLE ", ("a☃b", "s.☃"), ", ", " CASCADE")),
    ('DROP TABLE "a, b", c$1', Parts("DROP TABLE ", ('"a, b"', "c$1"), ", ")),
    ("ALTER TABLE ONLY s.a☃ ADD x int, ADD y int", Parts("ALTER TABLE ONLY s.a☃ ", ("ADD x int", "ADD y int"), ", ")),
    ("ALTER TABLE é_1 ADD x int, ADD y int", Parts("ALTER TABLE é_1 ", ("ADD x int", "ADD y int"), ", ")),
)


def test_a_statement_is_cut_behind_its_name() -> None:
    def is_cut(case: tuple[str, Parts]) -> None:
        (statement,) = parse(case[0])
        assert parts_of(statement) == case[1]

    hold(is_cut, CUT)
