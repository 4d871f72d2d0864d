"""What every server has from the start, as far as migrations name it. Read off PostgreSQL 15 and 18."""

# pg_type without arrays, pseudo-types that no column can have, and the system tables' row types.
TYPES = frozenset(
    """
    aclitem bit bool box bpchar bytea char cid cidr circle date datemultirange daterange decimal float4 float8 gtsvector
    inet int int2 int2vector int4 int4multirange int4range int8 int8multirange int8range interval json jsonb jsonpath
    line lseg macaddr macaddr8 money name numeric nummultirange numrange oid oidvector path pg_lsn pg_snapshot point
    polygon refcursor regclass regcollation regconfig regdictionary regnamespace regoper regoperator regproc
    regprocedure regrole regtype text tid time timestamp timestamptz timetz tsmultirange tsquery tsrange tstzmultirange
    tstzrange tsvector txid_snapshot uuid varbit varchar xid xid8 xml
    record trigger void event_trigger anyelement anyarray anynonarray anyenum anyrange anymultirange anycompatible
    anycompatiblearray cstring internal language_handler
    """.split()  # noqa: SIM905  (quotes around each word would double it)
)

# pg_operator.oprname of 13 to 18.
OPERATORS = frozenset(
    """
    ! !! !~ !~* !~~ !~~* # ## #- #> #>> % & && &< &<| &> * *< *<= *<> *= *> *>= + - -> ->> -|- / < <-> << <<= <<| <= <>
    <@ <^ = > >= >> >>= >^ ? ?# ?& ?- ?-| ?| ?|| @ @-@ @> @? @@ @@@ ^ ^@ | |&> |/ |>> || ||/ ~ ~* ~<=~ ~<~ ~= ~>=~ ~>~
    ~~ ~~*
    """.split()  # noqa: SIM905  (quotes around each word would double it)
)

# Types that well-known extensions bring, so that a column of one is no riddle.
_EXTENSION_TYPES = {
    "citext": ("citext",),
    "cube": ("cube",),
    "hstore": ("hstore", "ghstore"),
    "intarray": ("query_int",),
    "isn": ("ean13", "isbn", "isbn13", "ismn", "ismn13", "issn", "issn13", "upc"),
    "lo": ("lo",),
    "ltree": ("ltree", "lquery", "ltxtquery"),
    "pg_trgm": ("gtrgm",),
    "postgis": ("geometry", "geography", "box2d", "box3d", "raster"),
    "seg": ("seg",),
    "vector": ("vector", "halfvec", "sparsevec"),
}


def extension_types(extension: str) -> tuple[str, ...]:
    return _EXTENSION_TYPES.get(extension, ())
