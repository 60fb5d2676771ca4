"""The few bytes that may matter are found, in whole arrays and in slices of large ones."""

from __future__ import annotations

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from cxtext.prepare.scan import byte_set, signs

DIGITS, AT = byte_set(range(0x30, 0x3A)), byte_set(b"@")


@given(st.lists(st.none() | st.text(max_size=8), max_size=12), st.integers(0, 12), st.integers(0, 12))
def test_bytes_are_counted_in_each_text(texts: list[str | None], first: int, count: int) -> None:
    part = pa.array(texts, pa.string()).slice(first, count)
    seen = signs(part)
    own = [(text or "").encode() for text in part.to_pylist()]
    assert seen.counts(DIGITS).tolist() == [sum(byte in b"0123456789" for byte in text) for text in own]
    assert seen.counts(AT).tolist() == [text.count(b"@") for text in own]
    assert bytes(seen.data) == b"".join(own)
    assert signs(part) is seen
