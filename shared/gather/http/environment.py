"""What the environment says of the way to a host."""

from pathlib import Path
from typing import Any

import requests

from shared.gather.attempt import GatherError


def environment_for(url: str) -> dict[str, Any]:
    """Give the proxies and the CA bundle that the environment names for *url*, as requests reads them."""
    # Only asked for that: sending, a session would add cookies and what ~/.netrc holds.
    environment = requests.Session().merge_environment_settings(url, {}, True, None, None)
    bundle = environment["verify"]
    if isinstance(bundle, str) and not Path(bundle).exists():
        raise GatherError(f"the CA bundle that the environment names is not there: {bundle}", lasting=True)
    return dict(environment)
