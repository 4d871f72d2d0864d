"""The terminal entry point: ``python monitor.py --help``."""

import gc
import sys

try:
    from shared.entrypoints.cli.main import main
except ModuleNotFoundError as missing:
    sys.exit(f"monitor.py: {missing}: run `make .venv` once, then `.venv/bin/python monitor.py`")

if __name__ == "__main__":
    status = main(sys.argv[1:])
    # The system takes all memory back at once; looking through it for circles before would take a tenth of a check.
    gc.freeze()
    sys.exit(status)
