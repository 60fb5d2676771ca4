"""Writes fitted vectors as the two files that cxtext loads: arrays without pickle, and a card in JSON."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from distill_fit import Matrix, quantise

FORMAT = 1


def write_vectors(out: Path, vocabulary: list[str], vectors: Matrix, weights: Matrix, card: dict[str, Any]) -> None:
    """Write `vectors.npz` and `vectors.json` into a folder; the same numbers always give the same bytes."""
    order = np.argsort(np.array([word.encode("utf-8") for word in vocabulary], dtype=object), kind="stable")
    names = [vocabulary[i] for i in order]
    codes, scales = quantise(vectors[order])
    arrays = {
        "words": np.frombuffer("\n".join(names).encode("utf-8"), dtype=np.uint8),
        "codes": codes,
        "scales": scales,
        "weights": weights[order].astype(np.float32),
    }
    out.mkdir(parents=True, exist_ok=True)
    target = out / "vectors.npz"
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for name, array in arrays.items():
            held = io.BytesIO()
            np.lib.format.write_array(held, array, allow_pickle=False)
            # A fixed date: np.savez would stamp the clock into the file.
            archive.writestr(zipfile.ZipInfo(f"{name}.npy", date_time=(1980, 1, 1, 0, 0, 0)), held.getvalue())
    content = target.read_bytes()
    head = {"format": FORMAT, "dim": int(codes.shape[1]), "n_words": len(names)}
    files = {"vectors.npz": {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}}
    text = json.dumps({**head, **card, "files": files}, indent=1, ensure_ascii=False)
    (out / "vectors.json").write_text(text + "\n", encoding="utf-8")
