from datetime import timedelta

import pytest

from shared.model.setting_types import Duration, FromEnvironment, PrismaVersion, Secret, insist


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("0s", timedelta(0)),
        ("500ms", timedelta(milliseconds=500)),
        ("90s", timedelta(seconds=90)),
        ("15m", timedelta(minutes=15)),
        ("1h", timedelta(hours=1)),
        ("2d", timedelta(days=2)),
    ],
)
def test_a_duration_is_read_and_written_as_people_do(text: str, duration: timedelta) -> None:
    assert Duration.parse(text) == duration
    assert Duration.text(duration) == text


@pytest.mark.parametrize("text", ["", "15", "15 m", "-1s", "1.5h", "1w", "٣s", "1h30m", "9999999999s", 900, None, 1.5])
def test_what_is_no_duration_is_answered_by_an_example(text: object) -> None:
    with pytest.raises(ValueError, match="write a number and a unit: 500ms, 90s, 15m, 1h or 2d"):
        Duration.parse(text)


@pytest.mark.parametrize(
    ("text", "version"), [("7.10", (7, 10)), ("7.4.2", (7, 4)), ("6.19", (6, 19)), ("10.0", (10, 0))]
)
def test_a_version_of_prisma(text: str, version: tuple[int, int]) -> None:
    assert PrismaVersion.parse(text) == version


@pytest.mark.parametrize(
    "text", ["", "7", "7.", "v7.4", "^7.4", "7.x", "7.4-dev", "7.4.0-dev.1", " 7.4", "٧.4", 7.1, 7, None]
)
def test_what_is_no_version_is_answered_by_an_example(text: object) -> None:
    with pytest.raises(ValueError, match=r'write the major and the minor version as text, as "7\.10"'):
        PrismaVersion.parse(text)


def test_a_secret_shows_its_name_only() -> None:
    value = FromEnvironment("hunter2", "env:PASSWORD")
    secret = Secret.named_by(value)
    assert (secret.name, secret.value, type(secret.value)) == ("env:PASSWORD", "hunter2", str)
    assert repr(secret) == "Secret(name='env:PASSWORD', vault=None)"
    assert repr([value]) == "[env:PASSWORD]"


def test_a_secret_written_out_is_refused_without_it() -> None:
    with pytest.raises(ValueError) as caught:
        Secret.named_by("hunter2")
    assert str(caught.value) == 'name the secret, do not write it here: "env:NAME" or "vault:NAME"'


def test_every_broken_rule_is_reported() -> None:
    insist((True, "not this"))
    with pytest.raises(ValueError) as caught:
        insist((False, "`a` is wrong"), (True, "not this"), (False, "`b` is wrong"))
    assert str(caught.value) == "`a` is wrong\n`b` is wrong"
