"""From what the user typed to responses: files opened, columns chosen per file, the choice told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cxtext.errors import InputError, RequestError
from cxtext.pipeline.looks import JOIN_KEY
from cxtext.pipeline.progress import Progress
from cxtext.read.columns import choose_all
from cxtext.read.source import Source, open_source
from cxtext.schema import METRIC_PREFIX, SEGMENT_PREFIX, Columns, FeedbackChunk, Metric
from cxtext.settings import Declared, Settings

if TYPE_CHECKING:
    import pyarrow as pa

    from cxtext.pipeline.joining import ScoreFile

OPTIONAL = ("customer", "date", "channel", "touchpoint", "stage", "author_role")


@dataclass(frozen=True)
class Inputs:
    """An opened input and the columns of each of its files, by the file's name."""

    source: Source
    columns: dict[str, Columns]
    scores: tuple[ScoreFile, ...] = ()
    on: str | None = None

    @property
    def metrics(self) -> tuple[Metric, ...]:
        """The metrics of all files, each once, in the order of the files' columns and sorted by kind."""
        order = ("nps", "csat", "ces", "number", "rate")
        found = {m.name: m for columns in self.columns.values() for m in columns.metrics}
        return tuple(sorted(found.values(), key=lambda m: (order.index(m.kind), m.name)))

    @property
    def segments(self) -> tuple[str, ...]:
        return tuple(sorted({s for columns in self.columns.values() for s in columns.segments}))

    def roles(self) -> tuple[str, ...]:
        """The optional roles that at least one file has."""
        return tuple(r for r in OPTIONAL if any(getattr(c, r) for c in self.columns.values()))

    def response_schema(self) -> pa.Schema:
        """The responses table's columns when all files are taken together."""
        import pyarrow as pa

        fields = [pa.field("response_id", pa.string()), pa.field("text", pa.string())]
        fields += [pa.field(r, pa.timestamp("s") if r == "date" else pa.string()) for r in self.roles()]
        fields += [pa.field(SEGMENT_PREFIX + s, pa.string()) for s in self.segments]
        fields += [pa.field(METRIC_PREFIX + m.name, pa.float64()) for m in self.metrics]
        fields += [pa.field(JOIN_KEY, pa.string())] if self.on else []
        return pa.schema(fields)

    def chunks(self) -> Iterator[tuple[int, FeedbackChunk, Columns]]:
        """The input's chunks, numbered, each with the columns of its file."""
        for number, chunk in enumerate(self.source.chunks()):
            yield number, chunk, self.columns[chunk.source]


def open_inputs(
    inputs: Sequence[str],
    declared: Declared,
    settings: Settings,
    progress: Progress,
    only: Sequence[str] = (),
    shown: Mapping[str, str] | None = None,
) -> Inputs:
    """Open the input and choose each file's columns; every choice is told on `progress`.

    ``only``: the roles that are needed, and no record of what was read. Then no other column is looked for, none stops
    the work because its scale or its meaning is open, and files have no digest.
    ``shown`` are the names of files for people, where these aren't their paths.
    Raises InputError or AmbiguousError with the flag that settles it.
    """
    if settings.scores or settings.on or settings.within:
        from cxtext.pipeline.joining import check_join

        check_join(settings)
    source = open_one([str(item) for item in inputs], settings, digests=not only, shown=shown)
    scores = [open_one([file], settings) for file in settings.scores]
    columns = choose_all(
        {file.name: source.head(file) for file in source.files},
        declared,
        beside=[c for s in scores for c in columns_of(s)],
        only=only,
    )
    _tell(columns, progress)
    files = _score_files(source, scores, declared, settings.on, progress) if scores else ()
    found = Inputs(source, columns, files, settings.on)
    _same_scale(found)
    return found


def _score_files(
    source: Source, scores: Sequence[Source], declared: Declared, on: str | None, progress: Progress
) -> tuple[ScoreFile, ...]:
    """The opened ``--scores`` files with their columns; those of all other files aren't asked for again."""
    from cxtext.pipeline.joining import ScoreFile, key_column, score_columns

    key_column(source, on or "")
    files = []
    for each in scores:
        others = {c for s in (source, *scores) if s is not each for c in columns_of(s)}
        files.append(ScoreFile(each, score_columns(each, declared, others)))
        _tell(files[-1].columns, progress)
    return tuple(files)


def _tell(columns: Mapping[str, Columns], progress: Progress) -> None:
    for name, chosen in columns.items():
        for line in describe(name, chosen):
            progress.note(line)


def open_one(
    inputs: list[str], settings: Settings, digests: bool = True, shown: Mapping[str, str] | None = None
) -> Source:
    """Open files, folders, stdin or a database as the settings say."""
    return open_source(
        inputs,
        query=settings.query,
        encoding=settings.encoding,
        delimiter=settings.delimiter,
        sheet=settings.sheet,
        chunk_rows=settings.chunk_rows,
        digests=digests,
        shown=shown,
    )


def columns_of(source: Source) -> set[str]:
    return {name for file in source.files for name in file.columns}


def describe(name: str, columns: Columns) -> list[str]:
    """What was chosen in one file, a line for the whole and one for each note."""
    told = ", ".join(f"{c.role} = {c.column!r}" + ("" if c.declared else f" ({c.reason})") for c in columns.choices)
    return [f"{name}: {told}", *(f"{name}: {note}" for note in columns.notes)]


def _same_scale(found: Inputs) -> None:
    """Scores of one name must mean the same in all files. Raises InputError that names both files."""
    seen: dict[str, tuple[str, Metric]] = {}
    for name, columns in found.columns.items():
        for metric in columns.metrics:
            first, other = seen.setdefault(metric.name, (name, metric))
            if (other.kind, other.low, other.high, other.high_good) != (
                metric.kind,
                metric.low,
                metric.high,
                metric.high_good,
            ):
                raise InputError(
                    f"{metric.name}: its scale in {first} ({other.low}-{other.high}) is not that in {name} "
                    f"({metric.low}-{metric.high}); analyze the files apart, or declare the scale with a flag"
                )


def only_one(inputs: Sequence[str], command: str) -> None:
    """Commands that answer row by row take one input. Raises RequestError otherwise."""
    if len(inputs) != 1:
        raise RequestError(f"cxtext {command} takes one INPUT, not {len(inputs)}")
