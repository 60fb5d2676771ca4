"""How to cluster: one frozen set of options, the same defaults for every corpus."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class ClusterOptions:
    """Options of a fit; the defaults were chosen on several corpora at once and suit most.

    ``n_sample`` bounds the units a fit looks at, ``min_df`` the units a word must occur in to get a corpus vector of
    ``rank_pairs`` and ``rank_documents`` axes, seen within ``window`` words. ``axes``, ``neighbours``, ``hops`` and
    ``damping`` shape the smoothing over the neighbour graph. ``min_size`` members and ``min_share`` of the sample make
    a pain point (the larger of both; a tiny corpus asks less). ``k_min``, ``k_max`` and ``k_sharpness`` bound the
    search for the number of groups. Units less similar to every centre than the share ``reject`` of dealt-out ones
    stay unclustered (``reject_noise`` in a corpus without structure).
    """

    n_sample: int = 20_000
    min_df: int = 3
    rank_pairs: int = 64
    rank_documents: int = 40
    window: int = 8
    neighbours: int = 15
    hops: int = 4
    damping: float = 0.75
    axes: int = 64
    min_size: int = 10
    min_share: float = 0.005
    k_min: int = 6
    k_max: int = 150
    k_sharpness: int = 30
    reject: float = 0.05
    reject_noise: float = 0.95
    bootstraps: int = 4
    label_terms: int = 8
    exemplars: int = 5

    def recorded(self) -> dict[str, Any]:
        """The options as JSON-ready values, for the model's record."""
        return asdict(self)
