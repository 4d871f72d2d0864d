"""Decide whether to notify, write the messages, deliver them, and remember what came of it."""
