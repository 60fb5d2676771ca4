"""The chart library that is put into every page once, and the pictures it makes without a browser.

``static/vega.js.gz`` is Vega, Vega-Lite and Vega-Embed in one script, as the vl-convert package bundles them (that
takes seconds, so it is done once: ``python -m cxtext.report.vega`` makes the file anew after an update of the
package). Licences are in ``static/NOTICE``.
"""

from __future__ import annotations

import base64
import contextlib
import gzip
import json
from functools import cache
from importlib import resources
from queue import SimpleQueue
from typing import Any

from cxtext.report.drawing import Drawer

_BUNDLE = "static/vega.js.gz"
_SNIPPET = "window.vegaEmbed = vegaEmbed;"
PROCESSES = 1  # a second one costs as much to start as it saves
_drawers: list[Drawer] = []
_free: SimpleQueue[Drawer] = SimpleQueue()


@cache
def bundle() -> str:
    """The library, compressed and base64-encoded: ASCII that can stand in a page (about 0.4 MB)."""
    return base64.b64encode(resources.files("cxtext.report").joinpath(_BUNDLE).read_bytes()).decode("ascii")


def warm_up() -> None:
    """Start the drawing engines beside us, so that the first picture needn't wait. Calling it again is harmless."""
    with contextlib.suppress(OSError):
        while len(_drawers) < PROCESSES:
            _drawers.append(Drawer())
            _free.put(_drawers[-1])


def svg(spec: dict[str, Any]) -> str:
    """The chart of a Vega-Lite specification as SVG text. May be called from several threads."""
    text, drawn = json.dumps(spec), None
    if _drawers:
        drawer = _free.get()
        try:
            drawn = drawer.draw(text)
        finally:
            _free.put(drawer)
    if drawn is not None:
        return drawn
    import vl_convert

    return str(vl_convert.vegalite_to_svg(text, show_warnings=False, allowed_base_urls=[]))


def png(spec: dict[str, Any], scale: float = 2.0) -> bytes:
    """The chart of a Vega-Lite specification as a PNG picture, ``scale`` pixels per point."""
    import vl_convert

    return bytes(vl_convert.vegalite_to_png(json.dumps(spec), scale=scale, show_warnings=False, allowed_base_urls=[]))


def _make() -> bytes:
    import vl_convert

    # mtime=0: the same library gives the same bytes.
    return gzip.compress(vl_convert.javascript_bundle(_SNIPPET).encode("utf-8"), 9, mtime=0)


if __name__ == "__main__":
    from pathlib import Path

    path = Path(__file__).with_name("static") / "vega.js.gz"
    path.write_bytes(_make())
    print(f"{path}: {path.stat().st_size} bytes")
