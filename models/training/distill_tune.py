"""Turns fitted word vectors a little further, so that whole sums, scaled to length one, meet the encoder's sentences.

The ridge fit has to guess how long each sum will be; here the length is divided out and the cosine itself is raised.
"""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
from distill_fit import Matrix

_BATCH = 512


def raise_cosine(counts: sp.csr_array, aims: Matrix, weighted: Matrix, epochs: int, rate: float) -> Matrix:
    """Raise the mean cosine between sums of `weighted` rows and `aims` by a few passes of sparse Adam.

    `counts` float32[n, words], `aims` float32[n, d], `weighted` (weight times vector) float32[words, d]; the result is
    like `weighted`. Words that occur in no sentence stay where they are. One thread and a fixed order: repeatable.
    """
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    bag = torch.nn.EmbeddingBag(*weighted.shape, mode="sum", sparse=True)
    bag.weight.data = torch.from_numpy(weighted.copy())
    optimiser = torch.optim.SparseAdam(bag.parameters(), lr=rate)
    goals = torch.nn.functional.normalize(torch.from_numpy(aims), dim=1)
    draws = np.random.default_rng(0)
    for _ in range(epochs):
        order = draws.permutation(counts.shape[0])
        for start in range(0, len(order), _BATCH):
            rows = np.sort(order[start : start + _BATCH])
            part = counts[rows]
            sums = bag(
                torch.from_numpy(part.indices.astype(np.int64)),
                torch.from_numpy(part.indptr[:-1].astype(np.int64)),
                per_sample_weights=torch.from_numpy(part.data),
            )
            loss = 1 - (torch.nn.functional.normalize(sums, dim=1) * goals[rows]).sum(dim=1).mean()
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
    torch.set_num_threads(threads)
    return np.asarray(bag.weight.detach().numpy(), dtype=np.float32)
