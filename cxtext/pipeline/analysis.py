"""The main job: from a dump to a ranked list of pain points tied to the scores."""

from __future__ import annotations

import json
import shutil
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from cxtext.engine import Engine, choose, early, rest
from cxtext.errors import InputError
from cxtext.pipeline.clusterer import read_clusterer
from cxtext.pipeline.codebooks import overlay
from cxtext.pipeline.collect import Collected, Collector
from cxtext.pipeline.facts import build_report
from cxtext.pipeline.fitting import Learned, fit_clusters, learn_sentiment, rows_to_learn_from, units_for_fitting
from cxtext.pipeline.inputs import Inputs, open_inputs
from cxtext.pipeline.joining import Joined, join
from cxtext.pipeline.looks import ChunkFacts, FirstLook, Order
from cxtext.pipeline.memory import give_back
from cxtext.pipeline.merge import canonical, ranges
from cxtext.pipeline.passes import READABLE, FirstPass, SecondPass
from cxtext.pipeline.progress import Progress
from cxtext.pipeline.record import run_record
from cxtext.pipeline.versions import drift_of
from cxtext.pipeline.wordvectors import vectors_of
from cxtext.prepare import language
from cxtext.prepare.duplicates import flood_groups
from cxtext.report.csvfmt import pain_points_csv
from cxtext.report.html import to_html
from cxtext.report.jsonfmt import to_json
from cxtext.report.vega import warm_up
from cxtext.schema import ClusterModel, PainPointReport
from cxtext.settings import Declared, Settings
from cxtext.store import arrays, shipped
from cxtext.store.registry import ModelFiles, resolve
from cxtext.store.run import check_target, staged
from cxtext.store.spill import Spill


@dataclass
class Timings:
    """Seconds per stage, for the run's record."""

    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def of(self, stage: str) -> Iterator[None]:
        start = time.perf_counter()
        yield
        self.seconds[stage] = round(self.seconds.get(stage, 0.0) + time.perf_counter() - start, 3)


def analyze(
    inputs: Sequence[str],
    declared: Declared,
    settings: Settings,
    progress: Progress | None = None,
    output: Path | None = None,
    shown: Mapping[str, str] | None = None,
) -> PainPointReport:
    """Read feedback, score it, group the complaints, link them to the scores; with `output`, write a run.

    ``shown``: names of input files for people, where these aren't their paths. Raises InputError, RequestError,
    ModelError or OutputError, one line each; then nothing is written.
    """
    progress, timings = progress or Progress(), Timings()
    if output is not None:
        check_target(output)
        warm_up()
    if not early:  # or else others will read the texts
        language.warm_up()
    model = resolve(Path(settings.models_dir), settings.model) if settings.model else None
    engine = choose(settings.engine, settings.jobs, settings.scheduler)
    with timings.of("open"):
        found = open_inputs(inputs, declared, settings, progress, shown=shown)
    with Spill() as spill:
        with timings.of("score"):
            look = first_look(found, settings, engine, spill.path, progress, model)
        give_back()
        with timings.of("fit"), progress.stage("finding pain points"):
            clusters, learned = clusters_for(found, settings, look, engine, spill.path, model)
        with timings.of("assign"):
            work = SecondPass(
                str(spill.path), str(shipped.folder()), clusters.file, unit_of(settings, model), learned.file
            )
            numbers = [c.number for c in look.chunks]
            for _ in progress.over(engine.map(work, numbers), "assigning", len(numbers)):
                pass
        rest()
        give_back()
        with timings.of("collect"), progress.stage("collecting"):
            joined = join(
                found.scores, settings, found.metrics, look.chunks, look.order, spill.path, progress, found.segments
            )
            keep_all = keep_of(settings, model) == "all"
            collected = collect(found, look, clusters.model, spill.path, learned.file is not None, joined, keep_all)
        give_back()
        with timings.of("link"), progress.stage("linking to scores"):
            report = build_report(found, settings, look, clusters.model, learned, collected, joined)
        warn(report, progress)
        if output is not None:
            with timings.of("write"), progress.stage("writing the report"):
                write(
                    report,
                    output,
                    spill.path,
                    lambda: run_record(found, settings, report, look, timings.seconds, model),
                )
    return report


def warn(report: PainPointReport, progress: Progress) -> None:
    """Tell what the user should know before believing the figures: drift, decisions that don't fit, reversed scores."""
    drift = report.facts.get("drift") or {}
    if drift.get("retrain"):
        progress.note(f"retrain the model: {drift['why']}")
    for decision in (report.facts.get("codebook") or {}).get("unfitting", []):
        progress.note(f"codebook: {decision['decision']} of {decision['id']} doesn't fit: {decision['why']}")
    for odd in (report.facts.get("mismatch") or {}).get("reversed", []):
        progress.note(f"{odd['metric']} looks reversed: friendly texts go with low scores; if so: {odd['flag']}")
    agreement = report.facts.get("agreement") or {}
    if agreement.get("used"):
        progress.note(f"sentiment {agreement['why']}")
    read = report.read
    if read.get("not_english"):
        how = "clustered all the same" if read.get("read_foreign") else "counted, not clustered"
        progress.note(f"{read['not_english']} texts are not English ({how})")
    for what, n in read.get("warnings", {}).items():
        progress.note(f"{what}: {n}")


def unit_of(settings: Settings, model: ModelFiles | None) -> Any:
    return settings.unit or (model.unit if model else "sentence")


def keep_of(settings: Settings, model: ModelFiles | None) -> str:
    return settings.keep or (model.keep if model else "complaints")


def first_look(
    found: Inputs, settings: Settings, engine: Engine, folder: Path, progress: Progress, model: ModelFiles | None = None
) -> FirstLook:
    """Score every chunk and learn what must be known before clustering. Raises InputError when there is no text."""
    work = FirstPass(
        str(folder), str(shipped.folder()), found.response_schema(), unit_of(settings, model),
        keep_of(settings, model) == "all", settings.order_ids, found.on,
    )  # fmt: skip
    chunks = tuple(progress.over(engine.map(work, found.chunks()), "reading and scoring"))
    counts: dict[str, Counter[str]] = {}
    for chunk in chunks:
        for name, counter in chunk.counts.items():
            counts.setdefault(name, Counter()).update(counter)
    if not chunks or not counts["units"]["texts"]:
        names = ", ".join(file.name for file in found.source.files)
        raise InputError(f"{names}: no row has a text; choose another column with --text (cxtext inspect lists them)")
    order = canonical(chunks)
    told = counts["languages"]
    foreign = sum(n for language, n in told.items() if language not in READABLE)
    read_foreign = foreign * 2 > counts["units"]["texts"]
    duplicate = repeated(chunks, order)
    # the signatures have done their work, and are most of what a chunk leaves behind
    chunks = tuple(replace(chunk, signatures=chunk.signatures[:0].copy()) for chunk in chunks)
    return FirstLook(chunks, order, duplicate, read_foreign, counts)


def repeated(chunks: Sequence[ChunkFacts], order: Order) -> Any:
    """Which responses, in canonical order, repeat another one: all of a flood but its first. bool[N]."""
    place = np.concatenate(order.place)
    signatures = np.empty((len(place), chunks[0].signatures.shape[1]), np.uint64)
    signatures[place] = np.concatenate([c.signatures for c in chunks])
    words = np.empty(len(place), np.int32)
    words[place] = np.concatenate([c.words for c in chunks])
    return flood_groups(signatures, order.keys, words) != np.arange(len(place))


@dataclass(frozen=True)
class Clusters:
    """The clusterer in use, and the file from which workers load it."""

    model: ClusterModel
    file: str


def clusters_for(
    found: Inputs, settings: Settings, look: FirstLook, engine: Engine, folder: Path, model: ModelFiles | None
) -> tuple[Clusters, Learned]:
    """Fit a clusterer on a sample of the kept units, or load the one asked for; learn sentiment from the scores.

    The two know nothing of each other and are done side by side. Linear algebra stays on one thread each, so that
    its last digits don't depend on the machine; the limit is the process's, hence set around both.
    """
    with threadpool_limits(1):
        learned = engine.beside(learn_sentiment, rows_to_learn_from(found, look, folder, unit_of(settings, model)))
        return _clusters(settings, look, folder, model), learned()


def _clusters(settings: Settings, look: FirstLook, folder: Path, model: ModelFiles | None) -> Clusters:
    sample = units_for_fitting(look, folder, settings.sample_size)
    if model is not None:
        trained = read_clusterer(model.clusters)
        vectors = vectors_of(trained, str(shipped.folder()))
        trained = replace(trained, meta=dict(trained.meta) | {"drift": drift_of(model, trained, sample, vectors)})
    else:
        trained = fit_clusters(sample, settings)
        vectors = vectors_of(trained, str(shipped.folder()))
    shown = overlay(settings, trained, model, vectors)
    file = folder / "clusters.npz"
    arrays.write_model(file, shown)
    return Clusters(shown, str(file))


def collect(
    found: Inputs, look: FirstLook, clusters: ClusterModel, folder: Path, learned: bool, joined: Joined,
    keep_all: bool,
) -> Collected:  # fmt: skip
    """Reduce the spilled chunks to the written tables and the numbers for linking."""
    collector = Collector(
        folder, clusters.pain_points, found.metrics, found.segments, look.duplicate, look.read_foreign,
        look.chunks, look.order, joined, keep_all,
    )  # fmt: skip
    collector.take(ranges(folder, look.chunks, look.order, learned))
    return collector.finish()


def write(report: PainPointReport, output: Path, folder: Path, record: Any) -> None:
    """Write the run folder: aside first, then in the place of whatever run was there."""
    with staged(output) as aside:
        (aside / "report.json").write_text(to_json(report), encoding="utf-8")
        (aside / "pain_points.csv").write_text(pain_points_csv(report), encoding="utf-8", newline="")
        (aside / "report.html").write_text(to_html(report), encoding="utf-8", errors="replace")
        for name in ("responses.parquet", "mentions.parquet"):
            shutil.copyfile(folder / name, aside / name)
        (aside / "run.json").write_text(json.dumps(record(), ensure_ascii=False, indent=2), encoding="utf-8")
