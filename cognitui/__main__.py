"""The program's entry: ``cognitui`` and ``python -m cognitui``."""

from __future__ import annotations

import sys


def main() -> int:
    """Run the command that the arguments name, and return its exit status."""
    from cognitui.cli.main import run
    from cognitui.process import keep_to_itself

    keep_to_itself()
    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
