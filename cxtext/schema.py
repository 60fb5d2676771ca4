"""The tables that pass between stages, all in one place, so that stages agree without knowing each other.

Data goes one way: ``read`` makes feedback chunks, ``prepare`` cleans them, ``text`` makes the token
table and its units, ``sentiment`` scores them, ``cluster`` groups the complaints, ``link`` ties the
groups to the scores, ``report`` shows the facts. Nothing here computes; heavy imports stay in the stages.

Conventions: row numbers and character offsets are 0-based, ranges are half open, shares are 0..1,
NPS is -100..100, a missing number is NaN, a missing string is null (Arrow) or ``None``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pyarrow as pa
    import scipy.sparse as sp

    BoolArray = npt.NDArray[np.bool_]
    IntArray = npt.NDArray[np.integer[Any]]
    FloatArray = npt.NDArray[np.floating[Any]]

# ------------------------------------------------------------------------------------------------ read

MetricKind = Literal["nps", "csat", "ces", "rate", "number"]


@dataclass(frozen=True, slots=True)
class Metric:
    """A score column and how to read it. Scale and direction are declared or detected, never assumed.

    ``low``/``high`` are the ends of the scale (``None`` for open-ended numbers); ``high_good`` says
    whether a larger value is better for the customer or the business. ``missing`` lists codes that
    stand for "no answer" (for example 6 and 7 in a 1-5 question with "don't know"). ``top``: where the top box begins,
    as the user set it in the column's own numbers (``None``: by the scale, where that is usual).
    """

    name: str
    column: str
    kind: MetricKind
    high_good: bool = True
    low: float | None = None
    high: float | None = None
    missing: tuple[float, ...] = ()
    top: float | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """Which column plays a role, and why: ``reason`` is a short clause shown to the user."""

    role: str
    column: str
    reason: str
    declared: bool


@dataclass(frozen=True, slots=True)
class Columns:
    """The roles of the input's columns, with the reason for each choice.

    ``segments`` are category columns by which results are broken down. Every role but ``text`` may be
    ``None``. ``encoding`` and ``dialect`` of each file are in ``notes``, with anything else worth saying.
    ``day_first`` says how 03/04/2025 is read (``None``: the column has no such dates).
    """

    text: str
    id: str | None = None
    customer: str | None = None
    date: str | None = None
    channel: str | None = None
    touchpoint: str | None = None
    stage: str | None = None
    author_role: str | None = None
    segments: tuple[str, ...] = ()
    metrics: tuple[Metric, ...] = ()
    choices: tuple[Choice, ...] = ()
    notes: tuple[str, ...] = ()
    day_first: bool | None = None


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """A row that can't be used: where it stands and why. ``row`` counts data rows from 0 in its file."""

    source: str
    row: int
    reason: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class FeedbackChunk:
    """Some rows of the input, as they stand there.

    ``rows`` int64[N]: position of each row in the whole input (all sources, in the order given), rejected
    rows included in the count. ``table``: the original columns (delimited text gives strings only).
    ``rejected``: rows lost between this chunk and the one before, e.g. too many cells. ``start``: rows of the files
    before this one, so that ``rows - start`` counts within the file.
    """

    source: str
    rows: IntArray
    table: pa.Table
    rejected: tuple[RejectedRow, ...] = ()
    start: int = 0


# Columns of the *responses table* that ``read.responses(chunk, columns)`` makes from a feedback chunk (Arrow types):
#   row int64 | source string | response_id string (null: pipeline makes one from the content) | text string
#   customer string | date timestamp[s] | channel string | touchpoint string | stage string | author_role string
#   "segment:<column>" string, one each | "metric:<name>" float64, one each, raw scale value, missing codes and
#   values off the scale already null (and counted)
# Only `row`, `source`, `response_id`, `text` are always there; a role that isn't in the input has no column.
RESPONSE_COLUMNS = (
    "row",
    "source",
    "response_id",
    "text",
    "customer",
    "date",
    "channel",
    "touchpoint",
    "stage",
    "author_role",
)
SEGMENT_PREFIX = "segment:"
METRIC_PREFIX = "metric:"

# ------------------------------------------------------------------------------------------------ text


@dataclass(frozen=True, slots=True)
class TokenTable:
    """N texts as whitespace tokens, read once.

    ``codes`` int32[T] index into ``tokens``, the list of V distinct surface tokens (any order: results must
    not depend on it). Text i is ``codes[offsets[i]:offsets[i+1]]``. Tokens are those of ``str.split()``:
    none is empty, so a blank text has an empty range.
    """

    codes: IntArray
    offsets: IntArray
    tokens: list[str]

    def __len__(self) -> int:
        return len(self.offsets) - 1


@dataclass(frozen=True, slots=True)
class Units:
    """Sentences or clauses as ranges of a token table, in text order.

    ``response`` int32[U]: index of the text; ``first``/``last`` int64[U]: token range ``[first, last)`` in
    ``TokenTable.codes``. Ranges don't overlap; every token belongs to exactly one unit.
    """

    response: IntArray
    first: IntArray
    last: IntArray

    def __len__(self) -> int:
        return len(self.response)


# ------------------------------------------------------------------------------------------- sentiment


@dataclass(frozen=True, slots=True)
class Polarity:
    """VADER's four figures for N texts or units (float64[N] each), as vaderSentiment rounds them."""

    neg: FloatArray
    neu: FloatArray
    pos: FloatArray
    compound: FloatArray


Kind = Literal["complaint", "suggestion", "praise", "neutral"]
KIND_NAMES: tuple[Kind, ...] = ("complaint", "suggestion", "praise", "neutral")


@dataclass(frozen=True, slots=True)
class Kinds:
    """What N texts or units are: ``kind`` int8[N], place in KIND_NAMES, with two probabilities, float32[N] each.

    ``suggestion``: of a suggestion to the company. ``concrete``: that it names something to deal with, unlike courtesy.
    """

    suggestion: FloatArray
    concrete: FloatArray
    kind: IntArray


# --------------------------------------------------------------------------------------------- cluster


@dataclass(frozen=True, slots=True)
class Exemplar:
    """A unit that shows what a pain point is about (redacted)."""

    response_id: str
    text: str
    similarity: float


Verdict = Literal["solid", "loose", "boilerplate"]


@dataclass(frozen=True, slots=True)
class PainPoint:
    """A labelled cluster with a lasting id such as ``PP-007``.

    ``label`` is a clause in the customers' own words, distinct from every other, ``tag`` a short noun for charts;
    ``coverage`` the share of members that match the label (0..1); ``terms`` the words that set it apart, strongest
    first. ``cohesion`` is the members' mean similarity to the centre (-1..1), ``separation``
    1 minus the similarity to the nearest other centre, ``stability`` the bootstrap Jaccard (0..1) and
    ``null_stability`` what a token-shuffled corpus reaches. ``status``: active, new, retired, ignored.
    """

    id: str
    label: str
    terms: tuple[str, ...]
    theme: str = ""
    status: str = "active"
    first_seen: str = ""
    n_units: int = 0
    cohesion: float = float("nan")
    separation: float = float("nan")
    stability: float = float("nan")
    null_stability: float = float("nan")
    verdict: Verdict = "solid"
    neighbours: tuple[str, ...] = ()
    exemplars: tuple[Exemplar, ...] = ()
    owner: str = ""
    note: str = ""
    tag: str = ""
    coverage: float = float("nan")


@dataclass(frozen=True)
class ClusterModel:
    """A fitted clusterer: arrays and JSON only, so that it can be saved without code.

    ``arrays``: named numpy arrays without objects; ``meta``: JSON-ready settings, vocabulary lists and quality;
    ``pain_points[j]`` describes column j of the centres. What each array means is documented in ``cluster/``.
    """

    arrays: Mapping[str, Any]
    meta: Mapping[str, Any]
    pain_points: tuple[PainPoint, ...]


@dataclass(frozen=True, slots=True)
class Assignment:
    """For U units: ``cluster`` int32[U], place in ``pain_points`` or -1; ``similarity`` float32[U]; ``sure`` bool[U].

    A sure one lies closer to the centre than half of all units would by chance; figures rest on these."""

    cluster: IntArray
    similarity: FloatArray
    sure: BoolArray


# ------------------------------------------------------------------------------------------------ link


@dataclass(frozen=True)
class LinkTable:
    """The compact numbers that linking works on: N responses in canonical order, P pain points.

    ``mentions`` bool CSR [N, P]; ``values[name]`` float64[N] raw scale values (NaN missing), described by
    ``metrics``; ``customer`` int32[N] code, -1 unknown (treated as a customer of its own); ``day`` int32[N] days
    since 1970-01-01, -1 unknown; ``categories[name]`` int32[N] codes (-1 missing) into ``levels[name]``
    (channel, touchpoint, stage, author_role and every segment); ``words`` int32[N] length of the verbatim;
    ``commented`` bool[N]: has a verbatim; ``sentiment`` float64[N].
    """

    mentions: sp.csr_array
    metrics: tuple[Metric, ...]
    values: Mapping[str, FloatArray]
    customer: IntArray
    day: IntArray
    categories: Mapping[str, IntArray]
    levels: Mapping[str, tuple[str, ...]]
    words: IntArray
    commented: BoolArray
    sentiment: FloatArray


def nine(x: float) -> float:
    """A float rounded to nine significant digits; less than 1e-12 is 0."""
    return 0.0 if abs(x) < 1e-12 else float(f"{x:.9g}")


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its interval: ``method`` names the formula, ``n`` the cases; ``low``/``high`` NaN if suppressed.

    ``status``: "" ok, "low confidence" (n < 100), "suppressed" (n below the minimum cell). The three numbers are kept
    to nine significant digits: further ones differ between processors.
    """

    value: float
    low: float
    high: float
    n: int
    method: str
    status: str = ""

    def __post_init__(self) -> None:
        for name in ("value", "low", "high"):
            object.__setattr__(self, name, nine(getattr(self, name)))


@dataclass(frozen=True, slots=True)
class Impact:
    """What one pain point goes with on one metric, in points of that metric (NPS: -100..100 points).

    ``mentioners``/``others``: the metric among those who mention it and those who don't. ``gap`` = their difference;
    ``leave_out`` = score minus the score without mentioners (unadjusted impact); ``adjusted`` = prevalence x
    regression coefficient, other pain points and covariates equal; ``p`` and ``q`` (Benjamini-Hochberg over all
    tested) belong to the adjusted figure. Negative = goes with a worse score when ``high_good``; sign is always
    that of the metric itself. Figures that can't be given are NaN, with the reason in ``note``.
    """

    pain_point: str
    metric: str
    n_mentioners: int
    mentioners: Estimate
    others: Estimate
    gap: Estimate
    leave_out: Estimate
    adjusted: Estimate | None = None
    p: float = float("nan")
    q: float = float("nan")
    relative_weight: Estimate | None = None
    vif: float = float("nan")
    note: str = ""


@dataclass(frozen=True, slots=True)
class Trend:
    """How a pain point's rate moves: ``kind`` is emerging, rising, burst, steady, fading, gone or too few."""

    pain_point: str
    kind: str
    q: float
    change: float
    periods: tuple[str, ...] = ()
    counts: tuple[int, ...] = ()
    totals: tuple[int, ...] = ()
    note: str = ""


# ---------------------------------------------------------------------------------------------- report


@dataclass(frozen=True)
class PainPointRow:
    """Everything the report says about one pain point; ``impacts[metric]``, ``cells[dimension]`` by name.

    All figures rest on ``n_mentions``, responses that surely mention it; ``n_weak`` only may.
    """

    pain_point: PainPoint
    n_mentions: int
    prevalence: float
    sentiment: float
    impacts: Mapping[str, Impact] = field(default_factory=dict)
    trend: Trend | None = None
    cues: Mapping[str, int] = field(default_factory=dict)
    cells: Mapping[str, tuple[Mapping[str, Any], ...]] = field(default_factory=dict)
    mention_ids: tuple[str, ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)
    n_weak: int = 0


@dataclass(frozen=True)
class PainPointReport:
    """All facts of a run, computed before anything is drawn; every export is a pure function of it.

    ``read``: rows in, used, dropped by reason, duplicates, languages, redactions, columns chosen. ``scores``: metric
    name -> aggregate. ``pain_points``: in priority order. ``facts``: everything else by section name (movement,
    mismatch, segments, comparisons, codebook, model, drift, agreement ...), JSON-ready.
    Nothing in it depends on the clock or the machine.
    """

    title: str
    read: Mapping[str, Any]
    metrics: tuple[Metric, ...]
    scores: Mapping[str, Estimate]
    pain_points: tuple[PainPointRow, ...]
    facts: Mapping[str, Any] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
