"""Show the facts of a run: pages, tables, pictures, all pure functions of ``schema.PainPointReport``.

``jsonfmt`` (report.json and back), ``csvfmt``, ``xlsx``, ``markdown``, ``html``, ``terminal`` and ``notebook`` are the
formats; ``selection`` cuts a report down; ``charts`` has the Vega-Lite specifications. None of them opens a file.
"""
