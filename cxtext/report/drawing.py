"""A drawing engine in a process of its own: it starts while the analysis runs, and draws without holding it up.

The engine needs half a second to start and lets no Python thread run meanwhile; a process beside us costs nobody
anything on a second core. If it can't be started or dies, charts are drawn here, a little later.
"""

from __future__ import annotations

import atexit
import json
import subprocess
import sys
from threading import Lock

_WORK = """
import json, sys
import vl_convert
def draw(spec):
    return vl_convert.vegalite_to_svg(spec, show_warnings=False, allowed_base_urls=[])
draw('{"data": {"values": [{}]}, "mark": "point"}')
for line in sys.stdin:
    try:
        answer = {"svg": draw(json.loads(line))}
    except Exception:
        answer = {"svg": None}
    print(json.dumps(answer), flush=True)
"""


class Drawer:
    """Draws one chart after the other in a process of its own; ``draw`` gives ``None`` when it can't."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.process = subprocess.Popen(
            [sys.executable, "-c", _WORK],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, encoding="utf-8",
        )  # fmt: skip
        atexit.register(self.close)

    def draw(self, spec: str) -> str | None:
        """The SVG of a Vega-Lite specification (JSON), or ``None``."""
        with self.lock:
            try:
                assert self.process.stdin is not None
                assert self.process.stdout is not None
                self.process.stdin.write(json.dumps(spec) + "\n")
                self.process.stdin.flush()
                answer = json.loads(self.process.stdout.readline())
            except (OSError, ValueError):
                return None
        return answer["svg"] if isinstance(answer.get("svg"), str) else None

    def close(self) -> None:
        """End the process."""
        self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None:
                stream.close()
