"""The terminal door: ``python monitor.py --help``."""

import sys

from shared.doors.terminal.main import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
