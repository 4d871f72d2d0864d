"""The mail: text and HTML that say the same, one thread an incident, and nothing that a name could inject."""

import re
from dataclasses import replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from html.parser import HTMLParser

import pytest

from shared.alerts.channels.email.mail import as_html, as_mail
from shared.alerts.messages import compose
from shared.model.finding import Finding, Severity
from shared.model.message import Link, Message
from shared.model.news import News, Why
from tests.alerts import news
from tests.alerts.news import ALERTS, BEGAN, MESSAGES, decided, report
from tests.contrast import ENOUGH, contrast
from tests.report.sample import HOSTILE


def mailed(message: Message) -> EmailMessage:
    """Give the mail as its receiver reads it."""
    mail = as_mail(message, "monitor@example.com", ["team@example.com", "ada@example.com"])
    return message_from_bytes(mail.as_bytes(), policy=policy.default)


def test_headers() -> None:
    mail = mailed(news.opened())
    assert mail["From"] == "Migration Monitor <monitor@example.com>"
    assert mail["To"] == "team@example.com, ada@example.com"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Date"].datetime == BEGAN
    assert mail["Subject"] == f"⛔ {news.opened().headline}"
    assert mail.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]


def references(message: Message) -> set[str]:
    return set(mailed(message)["References"].split())


def test_what_is_said_of_one_incident_is_one_thread() -> None:
    assert references(news.fixed_in_part()) <= references(news.opened())
    assert references(news.changed()) <= references(news.opened())
    assert mailed(news.opened())["In-Reply-To"] in references(news.opened())


def test_another_incident_is_another_thread() -> None:
    assert references(news.cannot_check()).isdisjoint(references(news.opened()))
    next_year = [replace(d, since=news.after(days=365)) for d in decided(Why.OPENED, news.USERS)]
    again = compose(News(report(news.USERS, at=BEGAN), tuple(next_year)), ALERTS, BEGAN)
    assert references(again).isdisjoint(references(news.opened()))


def test_a_message_sent_twice_is_known_by_its_id() -> None:
    assert mailed(news.late())["Message-ID"] == mailed(news.opened())["Message-ID"]
    assert mailed(news.late())["Subject"] == f"⛔ LATE (written 2025-09-05 09:45 UTC): {news.opened().headline}"
    assert mailed(news.changed())["Message-ID"] != mailed(news.opened())["Message-ID"]


@pytest.mark.parametrize("name", MESSAGES)
def test_no_line_is_longer_than_smtp_allows(name: str) -> None:
    mail = as_mail(MESSAGES[name](), "monitor@example.com", ["team@example.com"])
    assert max(map(len, mail.as_bytes(policy=policy.SMTP).splitlines())) <= 998


def test_a_name_cannot_add_a_header() -> None:
    finding = Finding("seed-missing", "users\r\nBcc: eve@example.com", Severity.CRITICAL, "users\r\nBcc: x")
    mail = mailed(compose(News(report(finding, at=BEGAN), decided(Why.OPENED, finding)), ALERTS, BEGAN))
    assert mail["Bcc"] is None
    assert "\n" not in mail["Subject"]


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def tags(html: str) -> list[tuple[str, dict[str, str | None]]]:
    parser = Tags()
    parser.feed(html)
    return parser.found


def test_a_hostile_name_stays_words() -> None:
    message = compose(News(report(HOSTILE, at=BEGAN), decided(Why.OPENED, HOSTILE)), ALERTS, BEGAN)
    html = as_html(message)
    assert {tag for tag, _ in tags(html)}.isdisjoint({"script", "img", "iframe", "link"})
    assert [tag for tag, _ in tags(html)].count("style") == 1
    assert "&lt;script&gt;" in html
    assert "\x1b" not in html


def test_links_are_those_of_the_settings() -> None:
    html = as_html(replace(news.opened(), links=(Link("Status page", 'https://example.com/?a="><b>'),)))
    assert [attributes["href"] for tag, attributes in tags(html) if tag == "a"] == ['https://example.com/?a="><b>']


def test_commands_stand_in_html_as_they_are() -> None:
    finding = replace(news.FAILED, remedy=(news.PREPARE,))
    message = compose(News(report(finding, at=BEGAN), decided(Why.OPENED, finding)), ALERTS, BEGAN)
    assert "cd apps/backend\nexport DATABASE_URL=&#34;$(az keyvault" in as_html(message)


@pytest.mark.parametrize("name", MESSAGES)
def test_titles_are_headings(name: str) -> None:
    message = MESSAGES[name]()
    found = [tag for tag, _ in tags(as_html(message))]
    groups = [about for folded in (False, True) for about, _ in message.groups(folded=folded) if about]
    named = sum(bool(section.about) for section in message.sections)
    assert (found.count("h1"), found.count("h3")) == (1, named)
    assert found.count("h2") == len(groups) + len(message.sections) - named


def test_both_parts_say_in_words_how_bad_it_is() -> None:
    message = news.fixed_in_part()
    text = as_mail(message, "monitor@example.com", ["team@example.com"]).get_body(("plain",))
    assert text is not None
    assert "STILL OPEN  critical: users holds 2 rows" in text.get_content()
    assert "warning: The firewall rule" in text.get_content()
    html = re.sub(r"<[^>]+>", "", as_html(message))
    assert "critical: users holds 2 rows" in html
    assert "warning: The firewall rule" in html


COLOUR = re.compile(r"(?<![-\w])color:\s*(#[0-9a-f]{6})")
GROUND = re.compile(r"background:\s*(#[0-9a-f]{6})")


@pytest.mark.parametrize("name", MESSAGES)
def test_every_text_of_a_mail_has_enough_contrast_on_a_light_screen(name: str) -> None:
    page, card, bar, *rest = [
        attributes for _, attributes in tags(as_html(MESSAGES[name]())) if attributes.get("style")
    ]
    assert [GROUND.findall(each["style"] or "") for each in (page, card)] == [["#f6f8fa"], ["#ffffff"]]
    grounds = ["#ffffff"]
    for attributes in (card, bar, *rest):
        style = attributes["style"] or ""
        own = GROUND.findall(style)
        grounds = own or ([grounds[0]] if "font-size:16px" in style else ["#ffffff"])
        for colour in COLOUR.findall(style):
            assert contrast(colour, grounds[0]) >= ENOUGH, style


def test_every_text_of_a_mail_has_enough_contrast_on_a_dark_screen() -> None:
    [sheet] = re.findall(r"prefers-color-scheme: dark\) \{(.*?)</style>", as_html(news.opened()), re.DOTALL)
    rules = dict(re.findall(r"^(\.[^{]+) \{(.*)\}$", sheet, re.MULTILINE))
    [card] = GROUND.findall(rules[".card"])
    for selector, rule in rules.items():
        own = GROUND.findall(rule)
        for colour in COLOUR.findall(rule):
            assert contrast(colour, own[0] if own else card) >= ENOUGH, selector


def test_every_colour_of_a_mail_has_another_on_a_dark_screen() -> None:
    """But for the bar of the headline, which brings its own ground."""
    html = as_html(news.fixed_in_part())
    [sheet] = re.findall(r"prefers-color-scheme: dark\) \{(.*?)</style>", html, re.DOTALL)
    classes = set(re.findall(r"\.(\w+)", sheet))
    coloured = [each for tag, each in tags(html) if tag != "h1" and COLOUR.search(each.get("style") or "")]
    assert coloured
    assert [each for each in coloured if each.get("class") not in classes] == []


def test_a_long_name_is_broken_behind_an_underscore() -> None:
    html = as_html(news.opened())
    soft = news.BROKEN.replace("_", "_<wbr>")
    assert f">{soft}</code>" in html
    assert f"npx prisma migrate resolve --rolled-back {soft}</pre>" in html
    assert "export DATABASE_URL=" in html
