"""Threads that need Azure's libraries at the same time, in a process that has none of them yet."""

import subprocess
import sys
from pathlib import Path

from tests.patience import SECONDS

ROOT = Path(__file__).parent.parent.parent
# As a run begins: the server, the app, an endpoint and secrets, each in a thread of its own, which take turns as often
# as can be.
# Without the order about one such process in six ended in a deadlock.
AT_ONCE = """
import sys, threading
from shared.azure.credential import token
from shared.azure.error import AzureError
from shared.azure.libraries import import_in_order
from shared.azure.vault import secret_value
from shared.model.azure import Identity, Vault

sys.setswitchinterval(1e-6)
failures = []
threading.excepthook = lambda failure: failures.append(failure.exc_type.__name__)

def by_the_server():
    import_in_order()
    from azure.mgmt.rdbms.postgresql_flexibleservers import PostgreSQLManagementClient

def by_a_token():
    try:
        token(Identity(), "https://vault.azure.net/.default")
    except AzureError:
        pass  # there is no identity here, and that is no matter

def by_an_endpoint():
    from shared.net.exchange import Exchange

def by_a_secret():
    try:
        secret_value(Vault("https://usasset-kv.vault.azure.net", Identity()), "teams-url")
    except AzureError:
        pass  # as above

threads = [threading.Thread(target=entry) for entry in (by_the_server, by_a_token, by_an_endpoint, by_a_secret)]
for thread in threads: thread.start()
for thread in threads: thread.join()
sys.exit(" ".join(failures) or 0)
"""


def test_no_thread_waits_for_another_for_ever() -> None:
    for _ in range(4):
        run = [sys.executable, "-c", AT_ONCE]
        ended = subprocess.run(run, cwd=ROOT, capture_output=True, text=True, timeout=SECONDS, check=False)
        assert (ended.returncode, ended.stderr) == (0, "")
