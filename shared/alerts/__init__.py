"""After a run: decide, save what is to be sent, send it, save what came of it.

What is to be sent is saved before: a run that dies may repeat a message, and never loses one. The next run sends the
same messages, in the same order, before it says anything of its own.
"""

from .answers import call_off, keep_waiting
from .notifier import NobodyNotifiedError, Notified, notify

__all__ = ["NobodyNotifiedError", "Notified", "call_off", "keep_waiting", "notify"]
