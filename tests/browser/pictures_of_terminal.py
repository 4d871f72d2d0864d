"""``make pictures``: what a terminal shows of the incident, the evening before (plan.png) and the morning after.

The report (docs/report.png) is that of the demo, on a private PostgreSQL.
"""

from io import StringIO
from math import ceil
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

from shared.demo.api import serving
from shared.demo.incident import DATABASE, break_it, build
from shared.demo.private_postgres import private_postgres
from shared.demo.show import target
from shared.model.plan import Plan
from shared.model.report import Report, Trigger
from shared.report.forms import render
from shared.report.plan.text import plan_as_text
from shared.run import run
from tests.alerts.news import BEGAN
from tests.browser.chromium import chromium
from tests.report.prediction import before_the_deployment

DOCS = Path(__file__).parents[2] / "docs"
# What stays readable on a page of README.
COLUMNS, LINE, COLUMN, EDGE = 110, 19, 9, 14
BACKGROUND, INK, GREY = (13, 17, 23), (230, 237, 243), (139, 148, 158)
RED, GREEN, YELLOW, BLUE, MAGENTA, CYAN = (
    (255, 123, 114), (63, 185, 80), (210, 153, 34), (88, 166, 255), (210, 168, 255), (86, 212, 221),
)  # fmt: skip
NORMAL = [BACKGROUND, RED, GREEN, YELLOW, BLUE, MAGENTA, CYAN, INK]
THEME = TerminalTheme(BACKGROUND, INK, NORMAL, [GREY, *NORMAL[1:]])
PAGE = f"""<!doctype html><meta charset="utf-8"><style>
  body {{{{ margin: {EDGE}px; background: {{background}}; color: {{foreground}}; }}}}
  pre {{{{ margin: 0; width: {COLUMNS * COLUMN + COLUMN}px; font: 15px/{LINE}px "DejaVu Sans Mono", monospace;
    white-space: pre-wrap; word-break: break-all; }}}}
</style><pre>{{code}}</pre>"""


def main() -> None:
    plan = before_the_deployment(BEGAN).plan
    if not isinstance(plan, Plan):
        raise TypeError(plan)
    shown = plan_as_text(plan, width=COLUMNS, colour=True)
    draw("migration-monitor plan --target production", shown, DOCS / "pictures" / "plan.png")
    shown = render([report_of_the_morning()], "text", width=COLUMNS, colour=True)
    draw("migration-monitor check --target production", shown, DOCS / "report.png")


def report_of_the_morning() -> Report:
    with private_postgres() as server:
        build(server)
        reader_url = break_it(server)
        with serving(server.url(DATABASE)) as api:
            return run(target(reader_url, api), Trigger.TERMINAL)


def draw(command: str, printed: str, picture: Path) -> None:
    """Draw a whole terminal, however long: nothing is cut."""
    shown = Text.from_ansi(f"$ {command}\n{printed}")
    console = Console(record=True, file=StringIO(), width=1000)
    console.print(shown)
    height = sum(max(1, ceil(len(line) / COLUMNS)) for line in shown.plain.splitlines()) * LINE
    size = f"{COLUMNS * COLUMN + COLUMN + 2 * EDGE},{height + 2 * EDGE}"
    with TemporaryDirectory() as folder:
        page = Path(folder) / "page.html"
        page.write_text(console.export_html(theme=THEME, code_format=PAGE, inline_styles=True), encoding="utf-8")
        profile = Path(folder) / "profile"
        chromium(f"--window-size={size}", f"--screenshot={picture}", page, profile=profile)


if __name__ == "__main__":
    main()
