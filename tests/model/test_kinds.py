"""A kind's row says all that holds of its objects; the groups are of kinds whose rows agree."""

import copy
import pickle

import pytest

from shared.model.schema import (
    CONSTRAINTS,
    INDEXED_CONSTRAINTS,
    NAMED_AS_RELATIONS,
    NAMED_AS_TYPES,
    ON_A_TABLE,
    OPERATOR_GROUPS,
    RELATIONS,
    ROUTINES,
    TEXT_SEARCH,
    TYPES,
    Kind,
    Place,
    Schema,
    Subject,
    Table,
)


@pytest.mark.parametrize("kind", Kind)
def test_a_kind_is_its_word_and_stays_itself(kind: Kind) -> None:
    assert (str(kind), kind.value, Kind(kind.value)) == (kind, kind, kind)  # type: ignore[call-arg]
    assert pickle.loads(pickle.dumps(kind)) is copy.deepcopy(kind) is kind


def test_constraints_are_those_that_alter_table_drops_as_constraints() -> None:
    assert {kind for kind in Kind if kind.word == "CONSTRAINT"} == set(CONSTRAINTS)
    assert set(INDEXED_CONSTRAINTS) < set(CONSTRAINTS)


def test_what_is_in_a_relation_shares_no_space_with_relations_and_types() -> None:
    inside = {kind for kind in Kind if kind.is_in_relation}
    assert inside == {
        Kind.COLUMN,
        Kind.ROW_SECURITY,
        Kind.REPLICA_IDENTITY,
        Kind.CLUSTER_MARK,
        *CONSTRAINTS,
        *ON_A_TABLE,
    }
    outside = {
        *NAMED_AS_RELATIONS,
        *NAMED_AS_TYPES,
        *ROUTINES,
        Kind.COLLATION,
        Kind.OPERATOR,
        Kind.STATISTICS,
        *OPERATOR_GROUPS,
        *TEXT_SEARCH,
    }
    assert {kind.place for kind in outside} == {Place.SCHEMA}
    assert inside | outside | {kind for kind in Kind if kind.place is Place.DATABASE} == set(Kind)
    assert {*RELATIONS, Kind.FOREIGN_TABLE, Kind.COMPOSITE_TYPE} == NAMED_AS_RELATIONS & NAMED_AS_TYPES
    assert set(TYPES) < NAMED_AS_TYPES


@pytest.mark.parametrize(
    ("subject", "parents"),
    [
        pytest.param(Subject(Kind.SCHEMA, ("s",)), (), id="schema"),
        pytest.param(Subject(Kind.EXTENSION, ("e",)), (), id="extension"),
        pytest.param(Subject(Kind.ENUM, ("s", "e")), (Subject(Kind.SCHEMA, ("s",)),), id="in a schema"),
        pytest.param(Subject(Kind.CHECK, ("s", "t", "c")), (Subject(Kind.TABLE, ("s", "t")),), id="in a table"),
        pytest.param(Subject(Kind.ROW_SECURITY, ("s", "t")), (Subject(Kind.TABLE, ("s", "t")),), id="one to a table"),
    ],
)
def test_the_place_says_what_takes_an_object_along(subject: Subject, parents: tuple[Subject, ...]) -> None:
    assert Schema({Subject(Kind.TABLE, ("s", "t")): Table()}).parents(subject) == parents
