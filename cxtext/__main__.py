"""``python -m cxtext``: the command line, where the script isn't on the path."""

from __future__ import annotations

from cxtext.cli import main

if __name__ == "__main__":
    main()
