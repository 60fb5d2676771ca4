"""Small pictures drawn by hand as SVG: whiskers in tables, bars of a trend, the answers given to a question.

They hold numbers only, need no script, and take their colours from the page by class name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from markupsafe import Markup

from cxtext.report import figures
from cxtext.report.figures import Ruler
from cxtext.schema import Estimate, Trend

_POINTS, _BARS = 20, 60  # most periods of a line in a table cell, and of a chart of bars


def reach(estimates: Iterable[Estimate | None]) -> tuple[float, float]:
    """The range that whiskers of one column share; it always holds zero."""
    ends = [0.0]
    for e in estimates:
        if e is not None and figures.known(e):
            ends += [x for x in (e.value, e.low, e.high) if not figures.missing(x)]
    return min(ends), max(ends)


def whisker(e: Estimate | None, span: tuple[float, float], ruler: Ruler, width: int = 110) -> Markup:
    """A dot with its interval on a scale that all rows share, and the line of "no difference"."""
    if e is None or not figures.known(e):
        return Markup("")
    low, high = span
    size = (high - low) or 1.0

    def at(x: float) -> str:
        return f"{4 + (width - 8) * (x - low) / size:.1f}"

    tone = (ruler.tone(e.value) if figures.sure(e) else "") or "unsure"
    bar = ""
    if not (figures.missing(e.low) or figures.missing(e.high)):
        bar = f'<line class="{tone}" x1="{at(e.low)}" x2="{at(e.high)}" y1="8" y2="8"/>'
    return Markup(  # numbers and fixed words only
        f'<svg class="whisker" width="{width}" height="16" viewBox="0 0 {width} 16" aria-hidden="true">'
        f'<line class="zero" x1="{at(0)}" x2="{at(0)}" y1="0" y2="16"/>{bar}'
        f'<circle class="{tone}" cx="{at(e.value)}" cy="8" r="3.5"/></svg>'
    )


def spark(trend: Trend | None, width: int = 84, height: int = 20) -> Markup:
    """The rate over time as a line, for a table cell; many periods are pooled, so that weeks don't flicker."""
    rates = _rates(trend, _POINTS)
    if len(rates) < 2:
        return Markup("")
    top = max(rates) or 1.0
    step = (width - 4) / (len(rates) - 1)
    points = " ".join(f"{2 + i * step:.1f},{height - 2 - (height - 4) * r / top:.1f}" for i, r in enumerate(rates))
    return Markup(
        f'<svg class="spark" width="{width}" height="{height}" viewBox="0 0 {width} {height}" aria-hidden="true">'
        f'<polyline points="{points}"/></svg>'
    )


def bars(trend: Trend | None, width: int = 620, height: int = 120) -> Markup:
    """The share of each period's responses that mention a pain point, with the figures on hover."""
    periods = _pooled(trend, _BARS)
    if len(periods) < 2:
        return Markup("")
    rates = [k / n if n else 0.0 for _, k, n in periods]
    top, foot, left = max(rates) or 1.0, 20, 64
    room, step = height - foot - 8, (width - left) / len(rates)
    every = max(1, -(-len(rates) // 8))
    columns, hits, names = [], [], []
    for i, (rate, (period, k, n)) in enumerate(zip(rates, periods, strict=True)):
        tall, x = room * rate / top, left + i * step
        if k:
            columns.append(f"M{x + step * 0.15:.1f} {height - foot}v{-tall:.1f}h{step * 0.7:.1f}v{tall:.1f}z")
        told = Markup.escape(f"{period}: {k} of {n} ({figures.share(rate)})")
        hits.append(f'<rect data-tip="{told}" x="{x:.1f}" width="{step:.1f}" height="{height}"/>')
        if i % every == 0 or i == len(rates) - 1:
            names += _below(Markup.escape(period), x + step / 2, left, width, height - 4, i in (0, len(rates) - 1))
    about = Markup.escape(
        f"Share of responses per period, from {figures.share(rates[0])} in {periods[0][0]} "
        f"to {figures.share(rates[-1])} in {periods[-1][0]}, at most {figures.share(top)}"
    )
    return Markup(
        f'<svg class="bars" viewBox="0 0 {width} {height}" role="img" aria-label="{about}">'
        f'<line class="zero" x1="{left}" x2="{width}" y1="{height - foot}" y2="{height - foot}"/>'
        f'<text x="{left - 6}" y="14" text-anchor="end">{figures.share(top)}</text>'
        f'<text x="{left - 6}" y="{height - foot}" text-anchor="end">0</text>'
        f'<path class="bar" d="{"".join(columns)}"/>{"".join(names)}<g class="hit">{"".join(hits)}</g></svg>'
    )


def _below(name: str, middle: float, left: int, width: int, y: int, end: bool) -> list[str]:
    """A period's name below its bar: those at both ends inside the picture, those between where there is room."""
    if end:
        side, x = ("start", left) if middle < (left + width) / 2 else ("end", width)
        return [f'<text x="{x}" y="{y}" text-anchor="{side}">{name}</text>']
    room = 100  # from an end: half of this name, the whole of that, and a gap
    if not left + room < middle < width - room:
        return []
    return [f'<text class="wide" x="{middle:.1f}" y="{y}" text-anchor="middle">{name}</text>']


def answers(
    distribution: Sequence[Sequence[float]],
    tones: Callable[[float], str] = lambda _: "",
    *,
    names: Sequence[str] = (),
    width: int = 360,
    height: int = 92,
) -> Markup:
    """How many gave each answer, as columns with the answer below and the number on hover.

    ``tones`` says which class an answer belongs to (detractor: bad, promoter: good); ``names`` stand for the answers
    0, 1 and so on. Bins of a long scale have their lower edges below them, as many as there is room for.
    """
    rows = [tuple(map(float, row)) for row in distribution if len(row) in (2, 3)]
    if not rows:
        return Markup("")
    top = max(row[-1] for row in rows) or 1.0
    step, foot = width / len(rows), 18
    parts = []
    for i, row in enumerate(rows):
        name = f"{row[0]:g}" if len(row) == 2 else f"{row[0]:.3g} to {row[1]:.3g}"
        if len(row) == 2 and row[0] in range(len(names)):
            name = names[int(row[0])]
        tall = (height - foot - 4) * row[-1] / top
        below = f'<text x="{(i + 0.5) * step:.1f}" y="{height - 4}" text-anchor="middle">{name}</text>'
        if len(row) == 3:
            edge = f'<text x="{i * step:.1f}" y="{height - 4}">{row[0]:.3g}</text>'
            below = edge if i % 2 == 0 else ""
        parts.append(
            f'<g data-tip="{name}: {figures.count(row[-1])} answers">'
            f'<rect class="hit" x="{i * step:.1f}" y="0" width="{step:.1f}" height="{height}"/>'
            f'<rect class="bar {tones(row[0])}" x="{i * step + step * 0.12:.1f}" y="{height - foot - tall:.1f}"'
            f' width="{step * 0.76:.1f}" height="{tall:.1f}"/></g>{below}'
        )
    told = ", ".join(f"{row[0]:g}: {figures.count(row[-1])}" for row in rows)
    return Markup(
        f'<svg class="bars answers" viewBox="0 0 {width} {height}" role="img" aria-label="Answers given. {told}">'
        f"{''.join(parts)}</svg>"
    )


def _rates(trend: Trend | None, most: int) -> list[float]:
    return [k / n if n else 0.0 for _, k, n in _pooled(trend, most)]


def _pooled(trend: Trend | None, most: int) -> list[tuple[str, int, int]]:
    """Periods with their mentions and responses; neighbours are pooled until there are at most so many."""
    if trend is None:
        return []
    size = max(1, -(-len(trend.counts) // most))
    return [
        (trend.periods[i], sum(trend.counts[i : i + size]), sum(trend.totals[i : i + size]))
        for i in range(0, min(len(trend.counts), len(trend.periods)), size)
    ]
