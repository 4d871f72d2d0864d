"""What ``prisma.config.ts`` says, read as text: it is a program, and none of it is executed. Pure."""

import re
from collections.abc import Iterator, Sequence

from ..model.value import dataclass

# A comment, a text, a name, or one other character.
# What nothing ends goes on to the end: to look for it again from each of its characters would take for ever.
_TOKEN = re.compile(
    r"""//[^\n]*|/\*.*?(?:\*/|\Z)"""
    r"""|"(?:[^"\\\n]|\\.?)*(?:"|(?=\n)|\Z)|'(?:[^'\\\n]|\\.?)*(?:'|(?=\n)|\Z)|`(?:[^`\\]|\\.?)*(?:`|\Z)"""
    r"""|[A-Za-z_$][\w$]*|[^\s\w]""",
    re.DOTALL,
)
_OPENING, _CLOSING, _SEPARATORS = "{[(", "}])", ","
_VARIABLE = re.compile(r"[A-Za-z_]\w*")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class PrismaConfig:
    """*external* are the tables that Prisma leaves to others; *variables* may hold the URL of the datasource."""

    external: tuple[str, ...] = ()
    seed: str | None = None
    variables: tuple[str, ...] = ()


def read_config(text: str) -> PrismaConfig:
    """Give what is written out in *text*: what a call or a variable would give is not known."""
    tokens = [token for token in _TOKEN.findall(text) if not token.startswith(("//", "/*"))]
    external = _value(tokens, "tables", "external")
    seed = _value(tokens, "migrations", "seed")
    return PrismaConfig(
        external=tuple(_texts(external)) if external[:1] == ["["] else (),
        seed=next(_texts(seed[:1]), None),
        variables=tuple(dict.fromkeys(_variables(_value(tokens, "datasource", "url")))),
    )


def _variables(value: Sequence[str]) -> Iterator[str]:
    """Give each NAME of ``env("NAME")`` and ``process.env.NAME``."""
    for at, token in enumerate(value):
        match [token, *value[at + 1 : at + 5]]:
            case ["env", "(", name, *_]:
                named = next(_texts([name]), "")
            case ["process", ".", "env", ".", name]:
                named = name
            case _:
                continue
        if _VARIABLE.fullmatch(named):
            yield named


def _value(tokens: Sequence[str], *path: str) -> Sequence[str]:
    """Give the tokens of the value at *path*, a key of an object in an object; none where it is not written so."""
    inner: Sequence[str] = tokens
    for depth, key in enumerate(path):
        found = next(_values(inner, key, anywhere=depth == 0), None)
        if found is None:
            return ()
        inner = found
    return inner


def _values(tokens: Sequence[str], key: str, *, anywhere: bool) -> Iterator[Sequence[str]]:
    """Give the value behind each ``key:``; within an object alone, unless it may be *anywhere*."""
    if not anywhere and tokens[:1] != ["{"]:
        return
    depth = 0
    for at, token in enumerate(tokens):
        depth += (token in _OPENING) - (token in _CLOSING)
        is_key = token == key or next(_texts([token]), None) == key
        if is_key and tokens[at + 1 : at + 2] == [":"] and (anywhere or depth == 1):
            yield _until_end(tokens[at + 2 :])


def _until_end(tokens: Sequence[str]) -> Sequence[str]:
    depth = 0
    for at, token in enumerate(tokens):
        depth += (token in _OPENING) - (token in _CLOSING)
        if depth < 0 or (depth == 0 and token in _SEPARATORS):
            return tokens[:at]
    return tokens


def _texts(tokens: Sequence[str]) -> Iterator[str]:
    """Give the texts among *tokens*, but for templates with something to fill in."""
    for token in tokens:
        if token[0] in "\"'" or (token[0] == "`" and "${" not in token):
            yield _ESCAPED.sub(r"\1", token[1:-1])
