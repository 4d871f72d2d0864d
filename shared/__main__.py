"""``python -m migration_monitor``, where it is installed."""

from .entrypoints.cli.main import run_and_exit

if __name__ == "__main__":
    run_and_exit()
