"""What every server has of text search from the start. Read off PostgreSQL 13 to 18."""

# What the default parser calls its tokens, from number 1 on (prsd_lextype).
TOKENS = (
    "asciiword", "word", "numword", "email", "url", "host", "sfloat", "version", "hword_numpart", "hword_part",
    "hword_asciipart", "blank", "tag", "protocol", "numhword", "asciihword", "hword", "url_path", "file", "float",
    "int", "uint", "entity",
)  # fmt: skip
DEFAULT_PARSER = "default"
STANDARD_TYPES = "prsd_lextype"
TEMPLATES = frozenset({"simple", "synonym", "ispell", "thesaurus", "snowball"})
_LANGUAGES = frozenset(
    """
    arabic armenian basque catalan danish dutch english estonian finnish french german greek hindi hungarian indonesian
    irish italian lithuanian nepali norwegian portuguese romanian russian serbian spanish swedish tamil turkish yiddish
    """.split()  # noqa: SIM905  (quotes around each word would double it)
)
CONFIGURATIONS = _LANGUAGES | {"simple"}
DICTIONARIES = frozenset({"simple", *(f"{each}_stem" for each in _LANGUAGES)})
# Their words of ASCII letters are taken for English ones.
_IN_OTHER_LETTERS = frozenset({"hindi", "russian"})
_ASCII_WORDS = ("asciihword", "asciiword", "hword_asciipart")
_WORDS = ("hword", "hword_part", "word")
_NEITHER = (
    "email", "file", "float", "host", "hword_numpart", "int", "numhword", "numword", "sfloat", "uint", "url",
    "url_path", "version",
)  # fmt: skip


def mappings_of(configuration: str) -> dict[str, tuple[str, ...]]:
    """By token, the dictionaries of one of the server's own configurations (snowball_create.sql)."""
    if configuration == "simple":
        return dict.fromkeys((*_NEITHER, *_ASCII_WORDS, *_WORDS), ("simple",))
    stemmer = (f"{configuration}_stem",)
    return {
        **dict.fromkeys(_NEITHER, ("simple",)),
        **dict.fromkeys(_ASCII_WORDS, ("english_stem",) if configuration in _IN_OTHER_LETTERS else stemmer),
        **dict.fromkeys(_WORDS, stemmer),
    }
