"""Words of text search, and paths into JSON."""

import re
from collections.abc import Iterator

_LEXEME = re.compile(
    r"\s*(?:'((?:[^'\\]|''|\\.)*)'|((?:[^\s':\\]|\\.)(?:[^\s:\\]|\\.)*))(?::((?:\d+[A-Da-d]?)(?:,\d+[A-Da-d]?)*))?"
)
_QUERY_TOKEN = re.compile(
    r"""\s*(?:(?P<mark>[()!&|]|<->|<\d+>)
    |(?:'(?P<quoted>(?:[^'\\]|''|\\.)*)'|(?P<bare>(?:[^\s'()!&|:<\\]|\\.)+))(?::(?P<weights>[A-Da-d*]+))?)""",
    re.VERBOSE,
)
_TIGHTNESS = {"|": 1, "&": 2, "<": 3}
_PATH_TOKEN = re.compile(
    r"""\s*(?:(?P<quoted>"(?:[^"\\]|\\.)*")|(?P<number>\d+(?:\.\d+)?|\.\d+)
    |(?P<word>[A-Za-z_$@][A-Za-z0-9_]*)|(?P<mark>\*\*|&&|\|\||==|!=|<>|<=|>=|[-.\[\](){}?*+/%,<>!:]))""",
    re.VERBOSE,
)


def tsvector(value: str) -> str | None:
    """Each word once, quoted and in the order of bytes, its places sorted."""
    found: dict[str, dict[int, str]] = {}
    at, text = 0, value.rstrip()
    while at < len(text):
        part = _LEXEME.match(text, at)
        if part is None:
            return None
        at = part.end()
        word = _unquoted(part[1], part[2])
        places = found.setdefault(word, {})
        for place in (part[3] or "").upper().split(",") if part[3] else ():
            number, weight = int(place.rstrip("ABCD")), place.lstrip("0123456789") or "D"
            places[number] = min(places.get(number, "D"), weight)
    return " ".join(_placed(word, found[word]) for word in sorted(found, key=str.encode))


def _placed(word: str, places: dict[int, str]) -> str:
    listed = ",".join(f"{number}{weight if weight != 'D' else ''}" for number, weight in sorted(places.items()))
    return _quoted(word) + (f":{listed}" if listed else "")


def _unquoted(quoted: str | None, bare: str | None) -> str:
    text = bare if quoted is None else quoted.replace("''", "'")
    return re.sub(r"\\(.)", r"\1", text or "", flags=re.DOTALL)


def _quoted(word: str) -> str:
    return "'" + word.replace("\\", "\\\\").replace("'", "''") + "'"


def tsquery(value: str) -> str | None:
    """With parentheses only where they say something."""
    tokens = list(_query_tokens(value))
    if None in tokens:
        return None
    reader = _Query([token for token in tokens if token is not None])
    try:
        tree = reader.either(1)
        return tree[1] if not reader.tokens else None
    except (IndexError, RecursionError):
        return None


def _query_tokens(value: str) -> Iterator[str | None]:
    """None for what is no token."""
    at, text = 0, value.rstrip()
    while at < len(text):
        found = _QUERY_TOKEN.match(text, at)
        if found is None:
            yield None
            return
        at = found.end()
        if found["mark"]:
            yield "<1>" if found["mark"] == "<->" else found["mark"]
        else:
            weights = "".join(sorted(set((found["weights"] or "").upper())))
            yield _quoted(_unquoted(found["quoted"], found["bare"])) + (f":{weights}" if weights else "")


class _Query:
    """Operators bind | loosest, then &, then <n>, then !."""

    def __init__(self, tokens: list[str]) -> None:
        self.tokens = tokens

    def either(self, tightness: int) -> tuple[int, str]:
        if tightness > max(_TIGHTNESS.values()):
            return self._one()
        left = self.either(tightness + 1)
        while self.tokens and _TIGHTNESS.get(self.tokens[0][0]) == tightness:
            mark = self.tokens.pop(0)
            right = self.either(tightness + 1)
            words = [
                f"( {text} )" if bound < tightness or (at and bound == tightness and tightness == 3) else text
                for at, (bound, text) in enumerate((left, right))
            ]
            left = tightness, f"{words[0]} {mark} {words[1]}"
        return left

    def _one(self) -> tuple[int, str]:
        word = self.tokens.pop(0)
        if word == "!":
            bound, text = self._one()
            return 4, f"!( {text} )" if bound < 4 else f"!{text}"
        if word == "(":
            inner = self.either(1)
            if self.tokens.pop(0) != ")":
                raise IndexError
            return inner
        if word[0] != "'":
            raise IndexError
        return 5, word


def jsonpath(value: str) -> str | None:
    """Keys quoted, without blanks; None where parentheses or an escape could say the same in two ways."""
    tokens: list[str] = []
    at, text = 0, value.strip()
    while at < len(text):
        found = _PATH_TOKEN.match(text, at)
        if found is None or (found["quoted"] and "\\" in found["quoted"]) or found["mark"] in {"&&", "||", "!"}:
            return None
        at = found.end()
        word = found["word"]
        follows = text[at:].lstrip()[:1]
        if word and tokens[-1:] == ["."] and follows != "(":
            word = f'"{word}"'
        if word and word[0] == "$" and word != "$":
            return None
        tokens.append(word or found["quoted"] or found["number"] or ("!=" if found["mark"] == "<>" else found["mark"]))
    return " ".join(tokens[1:] if tokens[:1] == ["lax"] else tokens) or None
