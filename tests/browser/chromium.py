"""The browser that draws cards and pictures."""

import os
import shutil
import subprocess
from pathlib import Path

CHROMIUM = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome", "chrome") if (found := shutil.which(name))),
    None,
)


def chromium(*arguments: str | Path, profile: Path) -> str:
    """Run it without a window, and give what it prints."""
    done = subprocess.run(
        [
            str(CHROMIUM),
            "--headless=new",
            "--disable-gpu",
            "--hide-scrollbars",
            "--allow-file-access-from-files",
            # Only as root there is no sandbox to be had.
            *(["--no-sandbox"] if os.geteuid() == 0 else []),
            f"--user-data-dir={profile}",
            *map(str, arguments),
        ],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return done.stdout
