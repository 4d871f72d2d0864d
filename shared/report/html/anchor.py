"""Where on a target's page an incident is: links in messages open the page there."""

from ...model.digest import digest


def anchor_of(incident: str) -> str:
    """Give the `id` of the element about *incident*: a name may hold what no fragment of a URL can."""
    return f"incident-{digest(incident, 12)}"
