"""Where on a target's page an incident is: links in messages open the page there."""

from hashlib import sha256


def anchor_of(incident: str) -> str:
    """Give the `id` of the element about *incident*: a name may hold what no fragment of a URL can."""
    return f"incident-{sha256(incident.encode('utf-8', 'surrogatepass')).hexdigest()[:12]}"
