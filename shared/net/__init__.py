"""The network: one bounded HTTP client, deadlines, background threads, and why there is no answer."""

import logging

# It writes whole URLs into its log, at level debug and in warnings: they hold keys, signatures, a webhook's password.
logging.getLogger("urllib3.connectionpool").setLevel(logging.CRITICAL)
