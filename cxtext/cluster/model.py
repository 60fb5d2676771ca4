"""What a fitted clusterer consists of, as arrays and JSON, and how to read them back.

``ClusterModel.arrays``
    ``words``       uint8[B]: the vocabulary, UTF-8, one word per line, sorted by code point
    ``matrix``      int16[V, D]: each word's weighted vector, views side by side
    ``mean``        int16[D]: the mean training text of each view, taken off before comparing
    ``centres``     int16[k, D]: one row of length 4064 per pain point
    ``thresholds``  float32[k]: similarity below which a unit is not taken in
    ``theme``       int32[k]: which theme the pain point belongs to

``ClusterModel.meta`` (JSON)
    ``format``      number of this layout
    ``views``       [[name, start, stop, share], ...]: columns of ``matrix``
    ``ignored``     words that are never features (pure sentiment words)
    ``static``      whether words outside the vocabulary get their shipped vector at assignment
    ``options``     the options of the fit
    ``themes``      names of the themes
    ``sure``        similarity from which a unit is a sure member: the median of units dealt out at random
    ``next_id``     the number of the next new pain point: a number is never used twice
    ``quality``     figures of the whole: coverage, stability, agreement, chosen k and the curve it was chosen from
    ``exemplars``   per pain point, positions of exemplary units in the training sample
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from cxtext import exact
from cxtext.cluster.space import HALF, TermSpace, View, as_whole, whole_static
from cxtext.errors import ModelError
from cxtext.schema import ClusterModel

# Raise when an older cxtext couldn't read the new arrays.
FORMAT = 2


def pack_words(words: list[str]) -> npt.NDArray[np.uint8]:
    """A vocabulary as bytes: UTF-8, one word per line."""
    return np.frombuffer("\n".join(words).encode("utf-8"), dtype=np.uint8).copy()


def unpack_words(data: npt.NDArray[np.uint8]) -> list[str]:
    """The vocabulary that `pack_words` wrote."""
    text = data.tobytes().decode("utf-8")
    return text.split("\n") if text else []


def pack_space(space: TermSpace) -> dict[str, Any]:
    """The arrays of a term space."""
    return {
        "words": pack_words(list(space.words)),
        "matrix": space.matrix.astype(np.int16),
        "mean": space.mean.astype(np.int16),
    }


def upgraded(model: ClusterModel) -> ClusterModel:
    """A model of format 1, which kept points of length one as floats, in whole numbers; others as they are."""
    if model.meta.get("format") != 1:
        return model
    try:
        arrays = dict(model.arrays)
        matrix = np.asarray(arrays["matrix"], dtype=np.float64)
        for name, start, stop, _ in model.meta["views"]:
            block = matrix[:, start:stop]
            matrix[:, start:stop] = as_whole(block) if name != "static" else whole_static(block)
        arrays["matrix"] = matrix.astype(np.int16)
        arrays["mean"] = np.rint(np.asarray(arrays["mean"], dtype=np.float64) * HALF).astype(np.int16)
        for name in ("centres", "column_centres"):
            if name in arrays:
                centres = np.rint(np.asarray(arrays[name], dtype=np.float64) * exact.FULL / 2)
                arrays[name] = exact.unit_rows(centres).astype(np.int16)
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise ModelError(f"the cluster model is damaged ({error}); train it again") from error
    return ClusterModel(arrays, dict(model.meta) | {"format": FORMAT}, model.pain_points)


def space_of(model: ClusterModel) -> TermSpace:
    """The term space of a model. Raises ModelError when arrays are missing or don't fit together."""
    if model.meta.get("format") != FORMAT:
        raise ModelError(f"the cluster model has format {model.meta.get('format')}, this cxtext reads {FORMAT}")
    try:
        words = unpack_words(np.asarray(model.arrays["words"]))
        matrix = np.asarray(model.arrays["matrix"]).astype(np.float32)
        mean = np.asarray(model.arrays["mean"]).astype(np.float32)
        centres = np.asarray(model.arrays["centres"])
        views = tuple(View(str(n), int(a), int(b), float(s)) for n, a, b, s in model.meta["views"])
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(f"the cluster model is damaged ({error}); train it again") from error
    width = matrix.shape[1] if matrix.ndim == 2 else -1
    if len(words) != len(matrix) or mean.shape != (width,) or centres.ndim != 2 or centres.shape[1] != width:
        raise ModelError("the cluster model is damaged (its arrays don't fit together); train it again")
    if len(centres) != len(model.pain_points) or len(centres) != len(model.arrays.get("thresholds", ())):
        raise ModelError("the cluster model is damaged (centres and pain points differ in number); train it again")
    return TermSpace(words, matrix, mean, views)


def ignored_words(model: ClusterModel) -> frozenset[str]:
    """Words that the model never uses as features."""
    return frozenset(str(word) for word in model.meta.get("ignored", ()))
