"""Write docs/behaviour.md."""

from pathlib import Path

from handbook.page import page


def main() -> None:
    path = Path("docs") / "behaviour.md"
    path.write_text(page())
    print(path)


if __name__ == "__main__":
    main()
