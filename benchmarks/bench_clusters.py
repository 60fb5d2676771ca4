"""How well do clusters agree with people's labels? cxtext beside plain stacks, on labelled texts.

    python benchmarks/bench_clusters.py FOLDER [--peers NAME ...] [--sample N] [--growth ROWS ...]

FOLDER holds ``clusters_*.csv`` with the columns ``text`` and ``label``. Every method runs in a process of its own, so
that its seconds (from texts to one group per text) and its peak memory are its own. Methods that must be told the
number of groups are told the right one, which a user wouldn't know; cxtext and HDBSCAN find theirs. BERTopic and
Turftopic are run when they are installed. AMI: unclustered texts are one group; ARI and B-cubed: each is its own.
``--growth`` adds a table of seconds against size, made of the texts in FOLDER repeated with their words mixed.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import importlib.util
import multiprocessing
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

Method = Callable[[list[str], int], Any]


def cxtext(texts: list[str], _: int, *, vectors: bool = True) -> Any:
    """The clusterer as `cxtext train --unit response --keep all` uses it, then assignment of every text."""
    from cxtext.cluster.assign import Assigner
    from cxtext.cluster.fit import fit
    from cxtext.cluster.vectors import StaticVectors
    from cxtext.text.tokens import token_table
    from cxtext.text.units import split_units

    known = StaticVectors.load(ROOT / "models" / "cx-en") if vectors else None
    order = sorted(range(len(texts)), key=lambda i: hashlib.blake2b(texts[i].encode()).digest())
    table = token_table([texts[i] for i in order])
    model = fit(table, split_units(table, "response"), vectors=known)
    table = token_table(texts)
    units = split_units(table, "response")
    found = np.full(len(texts), -1)
    found[units.response] = Assigner(model, known).assign(table, units).cluster
    return found


def cxtext_without_vectors(texts: list[str], k: int) -> Any:
    """The same without the shipped word vectors: what the corpus alone says."""
    return cxtext(texts, k, vectors=False)


def _tfidf(texts: list[str]) -> Any:
    from sklearn.feature_extraction.text import TfidfVectorizer

    return TfidfVectorizer(ngram_range=(1, 2), min_df=2, stop_words="english", sublinear_tf=True).fit_transform(texts)


def _lsa(texts: list[str]) -> Any:
    from sklearn.decomposition import TruncatedSVD
    from sklearn.preprocessing import normalize

    return normalize(TruncatedSVD(100, random_state=0).fit_transform(_tfidf(texts)))


def _k_means(points: Any, k: int) -> Any:
    from sklearn.cluster import KMeans

    return KMeans(k, n_init=3, random_state=0).fit_predict(points)


def tfidf_k_means(texts: list[str], k: int) -> Any:
    """TF-IDF of words and pairs, k-means told the right k."""
    return _k_means(_tfidf(texts), k)


def lsa_k_means(texts: list[str], k: int) -> Any:
    """Latent semantic analysis, k-means told the right k."""
    return _k_means(_lsa(texts), k)


def nmf(texts: list[str], k: int) -> Any:
    """Non-negative matrix factorisation told the right k; a text goes to its strongest topic."""
    from sklearn.decomposition import NMF

    return NMF(k, init="nndsvd", max_iter=200).fit_transform(_tfidf(texts)).argmax(axis=1)


def hdbscan_lsa(texts: list[str], _: int) -> Any:
    """HDBSCAN on LSA; it finds its own number of groups and leaves noise unclustered."""
    from sklearn.cluster import HDBSCAN

    return HDBSCAN(min_cluster_size=max(5, len(texts) // 200), copy=True).fit_predict(_lsa(texts))


def bertopic(texts: list[str], _: int) -> Any:
    """BERTopic with its defaults (needs an encoder that it can load)."""
    from bertopic import BERTopic

    return np.asarray(BERTopic().fit_transform(texts)[0])


def turftopic(texts: list[str], k: int) -> Any:
    """Turftopic's S3 model told the right k."""
    from turftopic import SemanticSignalSeparation

    return np.asarray(SemanticSignalSeparation(k).fit_transform(texts)).argmax(axis=1)


METHODS: dict[str, Method] = {
    "cxtext": cxtext,
    "cxtext, no vectors": cxtext_without_vectors,
    "TF-IDF + k-means, told k": tfidf_k_means,
    "LSA + k-means, told k": lsa_k_means,
    "NMF, told k": nmf,
    "HDBSCAN on LSA": hdbscan_lsa,
    "BERTopic": bertopic,
    "Turftopic, told k": turftopic,
}
NEEDS = {"BERTopic": "bertopic", "Turftopic, told k": "turftopic"}


def _child(name: str, texts: list[str], k: int, answer: Any) -> None:
    start = time.perf_counter()
    found = METHODS[name](texts, k)
    seconds = time.perf_counter() - start
    answer.send((np.asarray(found), seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024))


def run(name: str, texts: list[str], k: int) -> tuple[Any, float, float]:
    """Groups, seconds (imports included) and peak MiB of a method in a fresh process."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=_child, args=(name, texts, k, there))
    process.start()
    there.close()
    try:
        return here.recv()  # type: ignore[no-any-return]
    finally:
        process.join()


def load(path: Path) -> tuple[list[str], list[str]]:
    """Texts and labels of a file."""
    with path.open(newline="", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    return [row["text"] for row in rows], [row["label"] for row in rows]


def growth(texts: list[str], sizes: list[int]) -> None:
    """Seconds of fitting and of assigning against size."""
    from cxtext.cluster.assign import Assigner
    from cxtext.cluster.fit import fit
    from cxtext.cluster.options import ClusterOptions
    from cxtext.cluster.vectors import StaticVectors
    from cxtext.text.tokens import token_table
    from cxtext.text.units import split_units

    known = StaticVectors.load(ROOT / "models" / "cx-en")
    draw = np.random.default_rng(0)
    print("\n| texts | sampled | fit s | read tokens s | assign s | texts/s assigned |\n|--:|--:|--:|--:|--:|--:|")
    for size in sizes:
        most = ClusterOptions().n_sample
        pick = draw.integers(0, len(texts), (size, 2))
        chunk = [f"{texts[a]} {' '.join(texts[b].split()[:3])}" for a, b in pick[: max(most, 50_000)]]
        table = token_table(chunk[:most])
        start = time.perf_counter()
        model = fit(table, split_units(table, "response"), vectors=known)
        fitted = time.perf_counter() - start
        assigner, reading, assigning = Assigner(model, known), 0.0, 0.0
        for first in range(0, size, len(chunk)):
            start = time.perf_counter()
            table = token_table(chunk[: size - first])
            units = split_units(table, "response")
            reading += time.perf_counter() - start
            start = time.perf_counter()
            assigner.assign(table, units)
            assigning += time.perf_counter() - start
        rate = size / assigning
        print(f"| {size:,} | {min(size, most):,} | {fitted:.1f} | {reading:.1f} | {assigning:.1f} | {rate:,.0f} |")


def main() -> None:
    """Print one table as Markdown."""
    from cxtext.cluster.evaluate import agreement

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--peers", nargs="*", choices=sorted(METHODS), help="only these methods")
    parser.add_argument("--sample", type=int, help="only this many texts of each set (the first in hash order)")
    parser.add_argument("--growth", nargs="*", type=int, default=[], metavar="ROWS")
    options = parser.parse_args()
    files = sorted(options.folder.glob("clusters_*.csv"))
    if not files:
        parser.error(f"{options.folder} holds no clusters_*.csv")
    print("| set | method | AMI | ARI | B-cubed | k | gold k | unclustered | seconds | peak MiB |")
    print("|---|---|--:|--:|--:|--:|--:|--:|--:|--:|")
    figures: dict[str, list[tuple[float, float, float]]] = {}
    for path in files:
        texts, labels = load(path)
        if options.sample:
            order = sorted(range(len(texts)), key=lambda i: hashlib.blake2b(texts[i].encode()).digest())
            texts, labels = [texts[i] for i in order[: options.sample]], [labels[i] for i in order[: options.sample]]
        for name in options.peers or METHODS:
            if name in NEEDS and importlib.util.find_spec(NEEDS[name]) is None:
                continue
            found, seconds, memory = run(name, texts, len(set(labels)))
            a = agreement(labels, found)
            figures.setdefault(name, []).append((a["ami"], a["ari"], a["b_cubed"]))
            print(
                f"| {path.stem} | {name} | {a['ami']:.3f} | {a['ari']:.3f} | {a['b_cubed']:.3f} "
                f"| {a['k']} | {a['k_gold']} | {a['unclustered']:.0%} | {seconds:.1f} | {memory:.0f} |",
                flush=True,
            )
    for name, rows in figures.items():
        mean = np.mean(rows, axis=0)
        print(f"| mean | {name} | {mean[0]:.3f} | {mean[1]:.3f} | {mean[2]:.3f} | | | | | |")
    if options.growth:
        growth(
            load(files[-1])[0] if len(files) == 1 else load(max(files, key=lambda f: f.stat().st_size))[0],
            options.growth,
        )


if __name__ == "__main__":
    main()
