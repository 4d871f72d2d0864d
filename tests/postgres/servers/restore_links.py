"""Restore what npm leaves out of the servers' packages: symbolic links between libraries, and the right to execute."""

import json
from pathlib import Path

for package in sorted(Path("node_modules").glob("postgres-*")):
    for link in json.loads((package / "native" / "pg-symlinks.json").read_text()):
        target = package / link["target"]
        if not target.is_symlink():
            target.symlink_to(Path(link["source"]).relative_to(Path(link["target"]).parent))
    for program in (package / "native" / "bin").iterdir():
        program.chmod(0o755)
