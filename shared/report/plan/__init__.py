"""The forms of a plan."""
