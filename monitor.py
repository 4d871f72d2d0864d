"""The terminal entry point of a checkout: ``python monitor.py --help``. Installed, it is ``migration-monitor``."""

import sys

try:
    from shared.entrypoints.cli.main import run_and_exit
except ModuleNotFoundError as missing:
    sys.exit(f"monitor.py: {missing}: run `make .venv` once, then `.venv/bin/python monitor.py`")

if __name__ == "__main__":
    run_and_exit()
