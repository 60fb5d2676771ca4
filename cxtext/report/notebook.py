"""A report that shows itself in a notebook."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from cxtext.report import charts, figures, html, tables, terminal, told, vega, views
from cxtext.schema import PainPointReport

if TYPE_CHECKING:
    import pandas as pd

_SHOWN = 15


@dataclass(frozen=True, repr=False)
class ReportView:
    """A :class:`~cxtext.schema.PainPointReport` with frames and charts at hand; notebooks display it as HTML."""

    report: PainPointReport

    @property
    def pain_points(self) -> pd.DataFrame:
        """One row per pain point in priority order: the columns of ``pain_points.csv``."""
        return self.table("pain_points")

    @property
    def tables(self) -> tuple[str, ...]:
        """Names of the tables that this report has; :meth:`table` gives one as a frame."""
        return tuple(table.name for table in tables.tables(self.report))

    def table(self, name: str) -> pd.DataFrame:
        """One tidy table as a frame; raises ``KeyError`` if this report has none of that name."""
        import pandas as pd

        built = {table.name: table for table in tables.tables(self.report)}
        if name not in built:
            raise KeyError(f"no table {name!r}; this report has {', '.join(built)}")
        return pd.DataFrame.from_records(built[name].rows, columns=[c.name for c in built[name].columns])

    @property
    def charts(self) -> tuple[str, ...]:
        """Names of the charts that this report has facts for, such as "matrix:nps" or "trend:PP-001"."""
        return tuple(charts.names(self.report))

    def chart(self, name: str = "impact") -> Any:
        """An Altair chart: ``impact``, ``matrix``, ``scores`` or ``movement`` (with ":METRIC"), a pain point's id ...

        Raises :class:`~cxtext.errors.RequestError` if the report has no such chart.
        """
        import altair

        return altair.Chart.from_dict(charts.chart(self.report, name))

    def to_html(self) -> str:
        """The whole page, as in ``report.html``."""
        return html.to_html(self.report)

    def __repr__(self) -> str:
        """The summary that the terminal shows."""
        return terminal.summary(self.report).plain

    def _repr_html_(self) -> str:
        rulers = figures.rulers(self.report.metrics)
        ranges = views.scale(self.report)
        shown = self.report.pain_points[:_SHOWN]
        name = next((n for n in rulers if any(n in row.impacts for row in shown)), None)
        spec = charts.matrix(self.report, name) if name else None
        return html.fragment(
            {
                "title": views.said(self.report.title, 120),
                "headline": views.said(told.headline(self.report), 400),
                "tiles": [views.tile(self.report, n, r) for n, r in rulers.items() if n in self.report.scores],
                "rows": [views.table_row(self.report, row, i, ranges) for i, row in enumerate(shown, 1)],
                "more": len(self.report.pain_points) - len(shown),
                "metric": name,
                "metric_name": views.said(rulers[name].name, 40) if name else "",
                "direction": rulers[name].direction if name else "",
                # In an <img> the picture's ids and styles can't meet those of the notebook.
                "picture": Markup(html.data_url(vega.svg(spec))) if spec else "",
            }
        )
