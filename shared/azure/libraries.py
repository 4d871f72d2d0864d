"""The libraries beneath Azure's own, imported in one order by every caller."""

from .error import AzureError

# What an installation without Azure lacks, as pip and pipx take it.
EXTRA = "migration-monitor[azure]"


def import_in_order() -> None:
    """Import what all of them share; to be called before any of Azure's libraries is imported in a thread.

    Python locks a module first and then the package that it is in. Of two threads that come in by
    different entry modules (``azure.core.exceptions``, ``azure.core.pipeline``), each would wait for the other's
    lock, and one of them would end with a deadlock that Python has seen. In one order there is none.

    Raises `AzureError` where they are not installed.
    """
    import urllib3  # noqa: I001, PLC0415  # heavy; requests imports it
    import requests  # noqa: PLC0415  # as above; Azure's core imports both

    try:
        import azure.core  # noqa: PLC0415  # as above
    except ModuleNotFoundError:
        raise AzureError(f"Azure's libraries are not installed: install {EXTRA}", lasting=True) from None
    assert urllib3 and requests and azure.core  # noqa: S101, PT018  # they are there, and that is all
