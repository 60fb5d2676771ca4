"""The report as Markdown for tickets and wikis, with its pictures beside it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from cxtext.report import charts, figures, told, vega
from cxtext.report.facts import mapping, records
from cxtext.report.figures import Ruler
from cxtext.report.safety import markdown as md
from cxtext.report.safety import short
from cxtext.report.selection import ExportOptions, select
from cxtext.schema import Estimate, PainPointReport, PainPointRow

_QUOTE = 400
_SCORES = 2  # with a column of their own in the ranked table; each section has them all
_CAVEAT = (
    "Impact is what goes with a pain point, other things equal; it is no proof of a cause. Intervals are 95 %. "
    "Blank: too few answers."
)


def to_markdown(
    report: PainPointReport, *, options: ExportOptions | None = None, pictures: bool = True
) -> tuple[str, dict[str, bytes]]:
    """The report as Markdown text and the PNG pictures that it shows, by file name (to be put beside it).

    One pain point (``options.pain_point``) gives a ticket: all its figures, sentences and response ids.
    """
    report = select(report, options or ExportOptions())
    rulers = figures.rulers(report.metrics)
    alone = bool(mapping(report.facts.get("selection")).get("pain_point"))
    lines = [f"# {md(short(report.title, 120) or 'Pain points')}", ""]
    if not alone:
        lines += _summary(report, rulers)
    drawn: dict[str, bytes] = {}

    def show(name: str, about: str) -> None:
        spec = charts.chart(report, name) if pictures and name in available else None
        if spec is not None:
            # A dark wiki must not swallow the axes.
            file = "".join(c if c.isalnum() or c in "-_" else "-" for c in name) + ".png"
            drawn[file] = vega.png({**spec, "config": {**spec["config"], "background": "white"}})
            lines.extend([f"![{md(about)}]({file})", ""])

    available = set(charts.names(report))
    first = next(iter(rulers), None)
    if not alone:
        lines += _ranked(report, rulers)
        if first is not None:
            show(f"matrix:{first}", f"Reach and harm of each pain point, {rulers[first].name}")
            show(f"scores:{first}", f"{rulers[first].name} over time")
            show(f"movement:{first}", f"What the change in {rulers[first].name} goes with")
    for row in report.pain_points:
        lines += _section(report, row, rulers, every=alone)
        if alone:
            show(f"trend:{row.pain_point.id}", "Share of responses over time")
    lines += _mismatch(report, rulers) if not alone else []
    return "\n".join([*lines, "---", "", _CAVEAT]) + "\n", drawn


def _summary(report: PainPointReport, rulers: dict[str, Ruler]) -> list[str]:
    lines: list[str] = []
    headline = told.headline(report)
    if headline:
        lines += [f"**{md(headline)}**", ""]
    actions = told.actions(report)
    for place, action in enumerate(actions, 1):
        name = f" ({md(action.pain_point)})" if action.pain_point else ""
        lines.append(f"{place}. **{md(action.headline)}**{name}: {'; '.join(md(r) for r in action.reasons)}")
        lines += [f"   > {md(short(action.quote, _QUOTE))}"] if action.quote else []
    lines += [""] if actions else []
    read = report.read
    if not figures.missing(read.get("rows_in")):
        dropped = ", ".join(f"{figures.count(n)} {md(str(k))}" for k, n in mapping(read.get("dropped")).items() if n)
        used = f"Read {figures.count(read.get('rows_in'))} rows, used {figures.count(read.get('rows_used'))}"
        lines += [f"{used}{'; dropped ' + dropped if dropped else ''}.", ""]
    lines += _trust(report)
    scored = [(rulers[name], e) for name, e in report.scores.items() if name in rulers]
    if scored:
        lines += _table(
            ("Score", "Value", "95 % interval", "n", "Scale"),
            (
                (md(r.name), _value(r, e), md(r.interval(e)), figures.count(e.n), f"{r.scale}, {r.direction}")
                for r, e in scored
            ),
            right=(1, 3),
        )
    return lines


def _trust(report: PainPointReport) -> list[str]:
    """How far to trust it: the groups' health, whether the model still fits, what became of people's decisions."""
    health = mapping(report.facts.get("health"))
    good = f"{figures.share(health.get('value'), 0)}: {health.get('verdict')}. {health.get('next_action') or ''}"
    told_lines = [
        ("Health of the groups", good.strip() if health.get("verdict") else ""),
        ("Does the model still fit?", told.model_fit(report)),
        ("Decisions of the codebook that don't fit", "; ".join(told.decisions(report, "unfitting"))),
        ("Decisions of the codebook carried out", "; ".join(told.decisions(report, "applied"))),
    ]
    lines = [f"- **{md(name)}** {md(short(text, 600))}" for name, text in told_lines if text]
    return [*lines, ""] if lines else []


def _value(ruler: Ruler, e: Estimate | None, *, change: bool = False) -> str:
    if not figures.known(e) or e is None:
        return "too few" if e is not None and e.status == "suppressed" else ""
    return ruler.change_of(e) if change else ruler.value(e.value)


def _impact(row: PainPointRow, name: str, ruler: Ruler) -> str:
    impact = row.impacts.get(name)
    e = charts.effect(impact)
    if e is None:
        return "too few" if impact is not None else ""
    span = ruler.interval(e, change=True)
    mark = "" if impact is not None and figures.known(impact.adjusted) else ", unadjusted"
    return f"{ruler.change_of(e)}{f' ({span}{mark})' if span else mark}"


def _ranked(report: PainPointReport, rulers: dict[str, Ruler]) -> list[str]:
    lines = ["## Pain points in order of priority", ""]
    if not report.pain_points:
        return [*lines, "No pain point was found.", ""]
    names = [name for name in rulers if any(name in row.impacts for row in report.pain_points)][:_SCORES]
    head = ("", "Pain point", "n", "Share", *(f"{md(rulers[name].name)} impact" for name in names), "Trend")
    rows = (
        (
            str(place),
            f"{md(short(row.pain_point.label, 90))} ({md(row.pain_point.id)})",
            figures.count(row.n_mentions),
            md(figures.share(row.prevalence)),
            *(md(_impact(row, name, rulers[name])) for name in names),
            row.trend.kind if row.trend else "",
        )
        for place, row in enumerate(report.pain_points, 1)
    )
    ways = "; ".join(f"{md(rulers[name].name)}: {rulers[name].direction}" for name in names)
    return [*lines, *_table(head, rows, right=(0, 2, 3, *range(4, 4 + len(names)))), f"{ways}.", ""]


def _section(report: PainPointReport, row: PainPointRow, rulers: dict[str, Ruler], *, every: bool) -> list[str]:
    point = row.pain_point
    lines = [f"## {md(short(point.label, 120))} ({md(point.id)})", ""]
    facts = [f"{figures.count(row.n_mentions)} responses, {md(figures.share(row.prevalence))} of all"]
    facts += [f"terms: {', '.join(md(short(t, 40)) for t in point.terms[:8])}"] if point.terms else []
    facts += [f"trend: {row.trend.kind}"] if row.trend else []
    facts += [f"owner: {md(short(point.owner, 80))}"] if point.owner else []
    facts += [f"note: {md(short(point.note, 300))}"] if point.note else []
    lines += [f"- {line}" for line in facts] + [""]
    impacts = [(rulers[name], impact) for name, impact in row.impacts.items() if name in rulers]
    if impacts:
        lines += _table(
            ("Score", "Mentioners", "Others", "Gap", "Unadjusted", "Adjusted", "q"),
            (
                (
                    md(r.name),
                    f"{_value(r, i.mentioners)} (n {figures.count(i.n_mentioners)})",
                    _value(r, i.others),
                    _value(r, i.gap, change=True),
                    _value(r, i.leave_out, change=True),
                    _value(r, i.adjusted, change=True) + _span(r, i.adjusted),
                    md(figures.q_value(i.q)),
                )
                for r, i in impacts
            ),
            right=range(1, 7),
        )
    sentences = records(report.facts.get("mentions")) if every else []
    quoted = [m for m in sentences if m.get("text")]
    if quoted:
        lines += [f"All {figures.count(len(quoted))} sentences that mention it, closest to its centre first:", ""]
        lines += [f"- {md(short(str(m['text']), _QUOTE))} \u2014 `{_code(m.get('response_id'))}`" for m in quoted] + [
            ""
        ]
        return lines
    exemplars = point.exemplars if every else point.exemplars[:3]
    for e in exemplars:
        lines += [f"> {md(short(e.text, _QUOTE))} \u2014 `{_code(e.response_id)}`", ">"]
    if exemplars:
        lines[-1] = ""
    if every and row.mention_ids:
        lines += ["All mentions: " + ", ".join(f"`{_code(i)}`" for i in row.mention_ids), ""]
    return lines


def _span(ruler: Ruler, e: Estimate | None) -> str:
    span = ruler.interval(e, change=True)
    return f" ({span})" if span else ""


def _code(text: Any) -> str:
    return short(" ".join(str(text).replace("`", "'").split()), 60).encode("utf-8", "replace").decode("utf-8")


def _mismatch(report: PainPointReport, rulers: dict[str, Ruler]) -> list[str]:
    hidden = records(mapping(report.facts.get("mismatch")).get("hidden_complaints"))[:10]
    if not hidden:
        return []
    head = ["## Hidden complaints", "", "A top score, and a sentence that complains.", ""]
    rows = (
        (
            f"`{_code(i.get('response_id'))}`".replace("|", "\\|"),
            f"{md(rulers[i['metric']].name if i.get('metric') in rulers else '')} {figures.decimal(i.get('score'), 1)}",
            md(str(i.get("pain_point") or "")),
            md(short(str(i.get("text") or ""), _QUOTE)),
        )
        for i in hidden
    )
    return [*head, *_table(("Response", "Score", "Pain point", "Sentence"), rows, right=(1,))]


def _table(head: Sequence[str], rows: Iterable[Sequence[str]], *, right: Iterable[int] = ()) -> list[str]:
    to_right = set(right)
    rule = ["---:" if i in to_right else "---" for i in range(len(head))]
    return [f"| {' | '.join(cells)} |" for cells in (head, rule, *rows)] + [""]
