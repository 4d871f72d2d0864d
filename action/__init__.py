"""The GitHub Action, by the standard library and what of the monitor needs no more than that."""
