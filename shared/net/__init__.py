"""The network: one bounded HTTP client, deadlines, background threads, and why there is no answer."""
