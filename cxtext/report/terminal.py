"""The answer on one screen: 80 columns, 24 lines, readable without colour.

Customers' text is stripped of everything that could move the cursor or turn the line round, and is never read as
Rich markup.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from cxtext.report import figures, safety, told
from cxtext.report.figures import MINUS, Ruler
from cxtext.schema import Estimate, PainPointReport, PainPointRow

if TYPE_CHECKING:
    from rich.text import Text

LINES = 24
_SHOWN = 11


def summary(report: PainPointReport, width: int = 80, *, where: str | None = None) -> Text:
    """What was found, on at most 24 lines of ``width`` columns: a Rich text that prints plain when piped.

    Shows what was read and dropped, the scores, the first pain points with share, impact and interval, and
    ``where`` the report is. Impact is that on the first score, adjusted where it can be.
    """
    from rich.text import Text

    rulers = figures.rulers(report.metrics)
    lines: list[Text] = []

    def add(text: str, style: str = "") -> None:
        lines.append(Text(fit(text, width), style=style))

    headline = safety.terminal(told.headline(report) or report.title).replace(MINUS, "-")
    for part in _wrapped(headline, width, 3):
        add(part, "bold")
    for part in _wrapped(_what_was_read(report.read), width, 2):
        add(part, "dim")
    scores = [_score(rulers[name], e) for name, e in report.scores.items() if name in rulers]
    if scores:
        for part in _packed(scores, width, 2):
            add(part)
    metric = next((m.name for m in report.metrics if any(m.name in row.impacts for row in report.pain_points)), None)
    ruler = rulers[metric] if metric else None
    add("")
    if report.pain_points:
        add(_head(ruler, width, any(row.trend for row in report.pain_points)), "bold")
        for place, row in enumerate(report.pain_points[:_SHOWN], 1):
            lines.append(_line(place, row, metric, ruler, width))
        rest = len(report.pain_points) - _SHOWN
        if rest > 0:
            add(f"    and {rest} more in the report", "dim")
    else:
        add("No pain point was found: too few complaints, or none that recur.")
    add("")
    if ruler:
        told_way = f"{ruler.direction}. Impact goes with the pain point, * if q < 0.05."
        named = f"{safety.terminal(ruler.name)}: {told_way}"
        add(named if len(named) <= width else told_way[:1].upper() + told_way[1:], "dim")
    if where:
        add(f"Report: {safety.terminal(where)}")
    return Text("\n").join(lines[:LINES])


def fit(text: str, width: int) -> str:
    """The text cut to ``width`` terminal columns (wide characters count two), with dots where it was cut."""
    from rich.cells import cell_len, set_cell_size

    if cell_len(text) <= width:
        return text
    return set_cell_size(text, max(width - 2, 0)).rstrip() + ".."[: max(width, 0)]


def _pad(text: str, width: int) -> str:
    from rich.cells import cell_len

    text = fit(text, width)
    return text + " " * (width - cell_len(text))


def _label_width(ruler: Ruler | None, width: int) -> int:
    return max(8, width - (56 if ruler else 29))


def _head(ruler: Ruler | None, width: int, timed: bool) -> str:
    head = f"{'':4}{'pain point':<{_label_width(ruler, width)}} {'n':>6} {'share':>7}"
    if ruler is not None:
        head += f" {fit(safety.terminal(ruler.name), 8) + ' impact, 95 % int.':>26}"[:27]
    return head + "  trend" * timed


def _line(place: int, row: PainPointRow, metric: str | None, ruler: Ruler | None, width: int) -> Text:
    from rich.text import Text

    label = _pad(safety.terminal(row.pain_point.label), _label_width(ruler, width))
    line = f"{place:>2}  {label} {figures.count(row.n_mentions):>6} {figures.share(row.prevalence):>7}"
    tone = ""
    if ruler is not None and metric is not None:
        impact = row.impacts.get(metric)
        value: Estimate | None = None
        if impact is not None:
            value = impact.adjusted if figures.known(impact.adjusted) else impact.leave_out
        if value is None or not figures.known(value):
            line += f" {'too few':>26}"
        else:
            star = "*" if impact is not None and not figures.missing(impact.q) and impact.q < 0.05 else " "
            tone = {"bad": "red", "good": "green", "": ""}[ruler.tone(value.value) if star == "*" else ""]
            span = f"[{ruler.interval(value, change=True).replace(' to ', ', ')}]" if ruler.interval(value) else ""
            line += f" {ruler.change_of(value):>7}{star} {span:>17}"
    text = Text(fit(f"{line}  {row.trend.kind if row.trend else ''}".replace(MINUS, "-").rstrip(), width))
    if tone:
        text.stylize(tone, len(line) - 26)
    return text


def _score(ruler: Ruler, e: Estimate) -> str:
    if not figures.known(e):
        return f"{safety.terminal(ruler.name)}: too few answers (n {figures.count(e.n)})"
    span = ruler.interval(e)
    return f"{safety.terminal(ruler.name)} {ruler.value(e.value)} ({span}, n {figures.count(e.n)})".replace(MINUS, "-")


def _what_was_read(read: Mapping[str, Any]) -> str:
    rows_in, used = read.get("rows_in"), read.get("rows_used")
    if figures.missing(rows_in):
        return ""
    text = f"Read {figures.count(rows_in)} rows, used {figures.count(used)}"
    dropped = {str(k): n for k, n in (read.get("dropped") or {}).items() if n}
    if dropped:
        reasons = ", ".join(f"{figures.count(n)} {safety.terminal(k)}" for k, n in dropped.items())
        text += f"; dropped {reasons}"
    if read.get("duplicates"):
        text += f"; {figures.count(read['duplicates'])} near-duplicates counted once"
    return text


def _wrapped(text: str, width: int, most: int) -> list[str]:
    import textwrap

    lines = textwrap.wrap(text, width) or [""]
    if len(lines) > most:
        lines = [*lines[: most - 1], fit(" ".join(lines[most - 1 :]), width)]
    return lines


def _packed(parts: list[str], width: int, most: int) -> list[str]:
    lines: list[str] = []
    for part in parts:
        if lines and len(lines[-1]) + len(part) + 3 <= width:
            lines[-1] += " | " + part
        else:
            lines.append(part)
    if len(lines) > most:
        left_out = sum(line.count(" | ") + 1 for line in lines[most:])
        more = f" | {left_out} more"
        if len(lines[most - 1]) + len(more) <= width:
            lines[most - 1] += more
    return lines[:most]
