"""What all who ask over HTTP share: why there is no answer, the environment's proxies, and no word about URLs."""

import logging

# It writes whole URLs into its log, at level debug and in warnings: they hold keys, signatures, a webhook's password.
logging.getLogger("urllib3.connectionpool").setLevel(logging.CRITICAL)
