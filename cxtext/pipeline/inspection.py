"""What would be read, and why: the reader's facts, with languages, personal data and repeats of the texts added."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cxtext.pipeline.inputs import open_inputs
from cxtext.pipeline.progress import Progress
from cxtext.prepare.duplicates import flood_groups, signed
from cxtext.prepare.keys import content_key
from cxtext.prepare.language import languages
from cxtext.prepare.normalise import normalise
from cxtext.prepare.redact import redact
from cxtext.read import inspection
from cxtext.settings import Declared, Settings
from cxtext.text.tokens import token_table


def inspect(inputs: Sequence[str], declared: Declared, settings: Settings, progress: Progress) -> dict[str, Any]:
    """Facts about an input, JSON-ready; nothing is scored, clustered or written."""
    found = open_inputs(inputs, declared, settings, Progress())
    facts = inspection.inspect(found.source, found.columns)
    told: Counter[str] = Counter()
    personal: Counter[str] = Counter()
    keys, signs, words = [], [], []
    for _, chunk, columns in progress.over(found.chunks(), "reading"):
        raw = pc.cast(chunk.table[columns.text], pa.string()).combine_chunks()
        texts, redactions = redact(normalise(raw), order_ids=settings.order_ids)
        table = token_table(texts)
        written = np.diff(table.offsets) > 0
        told.update(pc.filter(languages(table), pa.array(written)).to_pylist())
        personal.update(redactions)
        keys.append(np.asarray(content_key(*chunk.table.columns)))
        sign, word = signed(table)
        signs.append(sign)
        words.append(word)
    key = np.concatenate(keys)
    repeated = flood_groups(np.concatenate(signs), key, np.concatenate(words)) != np.arange(len(key))
    return {
        **facts,
        "languages": dict(sorted(told.items(), key=lambda item: (-item[1], item[0]))),
        "personal_data": dict(sorted(personal.items())),
        "near_duplicates": int(repeated.sum()),
    }
