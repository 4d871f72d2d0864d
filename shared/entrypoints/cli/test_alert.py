"""``migration-monitor test-alert``: does a message arrive? Teams says "accepted" to much that never does."""

import sys
from argparse import ArgumentParser, Namespace
from datetime import UTC, datetime
from pathlib import Path

from ...alerts.delivery.deliver import Delivery, deliver
from ...alerts.messages import sample
from ...model.alerts import Channel
from ...report.wording import printable
from .exits import PASSED, UNKNOWN, UsageError
from .options import settings_in


def register(parser: ArgumentParser) -> None:
    parser.description = "Send a message that is marked as a test, and print the result of each channel."
    parser.add_argument(
        "--config", type=Path, metavar="FILE", help="settings file (default: $MONITOR_CONFIG or monitor.toml)"
    )
    parser.add_argument("--channel", metavar="NAME", help="this one only (default: all of them)")
    parser.set_defaults(run=_test_alert)


def _test_alert(options: Namespace) -> int:
    """Send to each channel a sample of its own name; 0 if all took it."""
    alerts = settings_in(options, notifies=True).alerts
    now = datetime.now(UTC)
    deliveries = [
        delivery
        for channel in _chosen(alerts.channels, options.channel)
        for delivery in deliver(sample(channel.name, alerts, now), [channel])
    ]
    for delivery in deliveries:
        sys.stdout.write(f"{_sign(delivery)} {delivery.channel}: {printable(delivery.said)}\n")
    return PASSED if all(delivery.taken for delivery in deliveries) else UNKNOWN


def _chosen(channels: tuple[Channel, ...], name: str | None) -> list[Channel]:
    if not channels:
        raise UsageError("the settings have no channel: add one with [[alerts.channel]]")
    chosen = [channel for channel in channels if name is None or channel.name == name]
    if not chosen:
        raise UsageError(f"no channel {name!r}; the settings have {', '.join(channel.name for channel in channels)}")
    return chosen


def _sign(delivery: Delivery) -> str:
    return "✓" if delivery.taken else "✗"
