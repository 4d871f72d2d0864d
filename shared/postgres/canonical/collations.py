"""Locales of ICU in one form: from PostgreSQL 16 on a server keeps another one than what CREATE COLLATION says."""

import re

_TAG = re.compile(r"(?P<language>[a-z]{2,3}|root)?(?P<rest>(?:-[a-z0-9]{2,8})*?)(?P<keywords>-u(?:-[a-z0-9]{2,8})+)?")
_KEY = re.compile(r"[a-z0-9][a-z]")
# Languages that ICU calls by another name, or may.
_RENAMED = frozenset({"in", "iw", "ji", "jw", "mo", "no", "sh", "tl"})


def icu_locale(text: str) -> str | None:
    """*text* as a language tag in lower case, its keywords in order; None for one whose tag only ICU knows."""
    tag = _TAG.fullmatch(text.replace("_", "-").lower())
    if tag is None or tag["language"] in _RENAMED or "-posix" in tag["rest"]:
        return None
    language = {None: "und", "root": "und"}.get(tag["language"], tag["language"])
    return f"{language}{tag['rest']}{_in_order(tag['keywords'])}"


def _in_order(keywords: str | None) -> str:
    """Keys by name; ``true`` goes without saying."""
    found: list[list[str]] = []
    for word in (keywords or "").split("-")[2:]:
        if _KEY.fullmatch(word):
            found.append([word])
        elif found and word not in ("true", "yes"):
            found[-1].append(word)
    return "".join(["-u", *("-" + "-".join(each) for each in sorted(found))]) if found else ""
