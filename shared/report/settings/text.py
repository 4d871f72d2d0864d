"""The overview for a terminal or a log."""

from collections.abc import Iterator

from ...model.phrases import counted
from ..wording import printable
from .overview import NamedSecret, Overview, TargetOverview


def as_text(overview: Overview) -> str:
    return "".join(f"{printable(line)}\n" for line in _lines(overview))


def _lines(overview: Overview) -> Iterator[str]:
    if not overview.targets and not overview.broken:
        yield f"{overview.file}: cannot be used"
        yield from (f"  {mistake}" for mistake in overview.mistakes)
        return
    count = len(overview.targets) + len(overview.broken)
    yield f"{overview.file}: {'valid' if overview.is_valid else 'not valid'}, {counted(count, 'target')}"
    for target in overview.targets:
        yield from _target(target)
    for name in overview.broken:
        yield from ("", f"target {name}: cannot be checked from here, see the mistakes")
    yield from ("", "channels:" if overview.channels else "channels: none")
    for channel in overview.channels:
        yield f"  {channel.name} ({channel.kind}): {', '.join(channel.severities)}"
    yield from ("", "secrets:" if overview.secrets else "secrets: none")
    for secret in overview.secrets:
        yield f"  {secret.name}: {_readable(secret)}; for {', '.join(secret.users)}"
    if overview.mistakes:
        yield from ("", "mistakes:")
        yield from (f"  {mistake}" for mistake in overview.mistakes)


def _target(target: TargetOverview) -> Iterator[str]:
    yield from ("", f"target {target.name}")
    yield f"  release   {', else '.join(target.releases)}"
    yield f"  database  {target.database}"
    yield f"  checked   every {target.interval}, {target.policy}"
    yield f"  notified  {', '.join(target.channels) or 'nobody'}"
    yield "  not watched:" if target.not_watched else "  not watched: nothing"
    for each in target.not_watched:
        yield f"    {each.what}: {each.setting}"


def _readable(secret: NamedSecret) -> str:
    if secret.readable is None:
        return f"in {secret.vault}, not read (--resolve reads it)"
    return "can be read" if secret.readable else f"cannot be read: {secret.because}"
