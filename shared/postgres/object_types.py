"""What PostgreSQL's grammar calls the kinds of objects: `ObjectType` of DROP, ALTER and RENAME, `ConstrType`."""

from collections.abc import Mapping

from ..model.schema import Kind

RELATION_TYPES: Mapping[str, Kind] = {
    "OBJECT_TABLE": Kind.TABLE, "OBJECT_VIEW": Kind.VIEW, "OBJECT_MATVIEW": Kind.MATERIALIZED_VIEW,
    "OBJECT_INDEX": Kind.INDEX, "OBJECT_SEQUENCE": Kind.SEQUENCE, "OBJECT_FOREIGN_TABLE": Kind.FOREIGN_TABLE,
}  # fmt: skip
# Each has one space of names, for the whole database.
DATABASE_TYPES: Mapping[str, Kind] = {
    "OBJECT_EXTENSION": Kind.EXTENSION, "OBJECT_PUBLICATION": Kind.PUBLICATION,
    "OBJECT_EVENT_TRIGGER": Kind.EVENT_TRIGGER, "OBJECT_SUBSCRIPTION": Kind.SUBSCRIPTION,
}  # fmt: skip
# Each has a space of names of its own in a schema.
SCHEMA_TYPES: Mapping[str, Kind] = {
    "OBJECT_COLLATION": Kind.COLLATION, "OBJECT_STATISTIC_EXT": Kind.STATISTICS,
    "OBJECT_TSPARSER": Kind.SEARCH_PARSER, "OBJECT_TSTEMPLATE": Kind.SEARCH_TEMPLATE,
    "OBJECT_TSDICTIONARY": Kind.SEARCH_DICTIONARY, "OBJECT_TSCONFIGURATION": Kind.SEARCH_CONFIGURATION,
}  # fmt: skip
# Each has a space of names of its own in a schema for each index method.
METHOD_TYPES: Mapping[str, Kind] = {"OBJECT_OPCLASS": Kind.OPERATOR_CLASS, "OBJECT_OPFAMILY": Kind.OPERATOR_FAMILY}
CONSTRAINT_TYPES: Mapping[str, Kind] = {
    "CONSTR_CHECK": Kind.CHECK, "CONSTR_FOREIGN": Kind.FOREIGN_KEY, "CONSTR_UNIQUE": Kind.UNIQUE,
    "CONSTR_EXCLUSION": Kind.EXCLUSION, "CONSTR_PRIMARY": Kind.PRIMARY_KEY,
}  # fmt: skip
