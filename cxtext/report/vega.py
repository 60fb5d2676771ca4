"""The chart library that is put into every page once, and the pictures it makes without a browser.

``static/vega.js.gz`` is Vega, Vega-Lite and Vega-Embed in one script, as the vl-convert package bundles them (that
takes seconds, so it is done once: ``python -m cxtext.report.vega`` makes the file anew after an update of the
package). Licences are in ``static/NOTICE``.
"""

from __future__ import annotations

import base64
import gzip
import json
from functools import cache
from importlib import resources
from threading import Thread
from typing import Any

_BUNDLE = "static/vega.js.gz"
_SNIPPET = "window.vegaEmbed = vegaEmbed;"


@cache
def bundle() -> str:
    """The library, compressed and base64-encoded: ASCII that can stand in a page (about 0.4 MB)."""
    return base64.b64encode(resources.files("cxtext.report").joinpath(_BUNDLE).read_bytes()).decode("ascii")


def warm_up() -> Thread:
    """Start the drawing engine in the background, so that the first picture doesn't wait for it.

    Its start takes longer than all pictures of a page, and lets Python run meanwhile. Nothing needs to be joined.
    """
    thread = Thread(target=svg, args=({"data": {"values": [{}]}, "mark": "point"},), name="vega", daemon=True)
    thread.start()
    return thread


def svg(spec: dict[str, Any]) -> str:
    """The chart of a Vega-Lite specification as SVG text."""
    import vl_convert

    return str(vl_convert.vegalite_to_svg(json.dumps(spec), show_warnings=False, allowed_base_urls=[]))


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
