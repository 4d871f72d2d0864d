"""Parts of pages that are made by running the code: each is between two comments of its page.

``pytest tests/docs --update-golden`` writes them again; read the diff.
"""

from tests.docs.pages import HOME

BEGIN, END = "<!-- made by a test: {} -->\n", "<!-- end of {} -->\n"


def hold_part(page: str, name: str, text: str, *, update: bool) -> None:
    """Hold that the part *name* of docs/*page* is *text*, or with *update* have it be."""
    path = HOME / "docs" / page
    written = path.read_text(encoding="utf-8")
    before, begin, rest = written.partition(BEGIN.format(name))
    part, end, after = rest.partition(END.format(name))
    assert (begin, end) != ("", ""), f"{page} has no part {name}"
    if update:
        path.write_text(f"{before}{begin}{text}{end}{after}", encoding="utf-8")
    else:
        assert part == text
