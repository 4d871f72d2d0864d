"""Write the pictures of the terminal into docs/pictures."""

from shared.demo.private_postgres import private_postgres
from tests.docs.pages import HOME
from tests.docs.pictures.scenes import pictures

if __name__ == "__main__":
    with private_postgres() as server:
        for name, svg in pictures(server).items():
            (HOME / "docs" / "pictures" / name).write_text(svg, encoding="utf-8")
