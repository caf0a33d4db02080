"""For whoever writes entries: ``python -m mlcourse.glossary lint`` or ``schema``."""

import argparse
import sys
from pathlib import Path

from mlcourse.glossary.entry import schema_text
from mlcourse.glossary.lint import lint_folder
from mlcourse.paths import find_course


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return 1 if there are faults that are no warnings."""
    parser = argparse.ArgumentParser(prog="python -m mlcourse.glossary")
    parser.add_argument("command", choices=("lint", "schema"))
    parser.add_argument("slugs", nargs="*", help="only these entries")
    parser.add_argument("--folder", type=Path, help="the glossary folder")
    parser.add_argument("--warnings", action="store_true", help="show them too")
    chosen = parser.parse_intermixed_args(arguments)
    folder = chosen.folder or find_course().glossary
    if chosen.command == "schema":
        (folder / "schema" / "entry.schema.json").write_text(schema_text(), "utf-8")
        return 0
    faults = lint_folder(folder)
    if chosen.slugs:
        files = {f"{Path(slug).stem}.yaml" for slug in chosen.slugs}
        faults = [fault for fault in faults if fault.file in files]
    shown = [fault for fault in faults if chosen.warnings or not fault.warning]
    sys.stdout.writelines(f"{fault}\n" for fault in shown)
    errors = sum(not fault.warning for fault in faults)
    sys.stdout.write(f"{errors} faults, {len(faults) - errors} warnings\n")
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
