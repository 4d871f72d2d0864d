"""The terminal door: ``python monitor.py --help``."""

import sys

try:
    from shared.doors.terminal.main import main
except ModuleNotFoundError as missing:
    sys.exit(f"monitor.py: {missing}: run `make .venv` once, then `.venv/bin/python monitor.py`")

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
