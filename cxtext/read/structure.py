"""One pass over the bytes tells whether a delimited file keeps the rules of quoting: then a fast reader is safe."""

from __future__ import annotations

import numpy as np

QUOTE, LF, CR = 34, 10, 13


class QuoteCheck:
    """Follows quotes and line ends through a file, block by block.

    After the last block ``well_formed`` is True if every quote that opens stands at the start of a cell, every quote
    that closes at the end of one, all quotes are paired, and lines end in LF or CRLF. Then ``rows`` counts the
    records (blank lines included), ``longest`` is the length of the longest in bytes.
    """

    def __init__(self, delimiter: str) -> None:
        self._delimiter = ord(delimiter) if len(delimiter) == 1 and delimiter.isascii() else -1
        self.well_formed = self._delimiter >= 0 or not delimiter
        self.blank_lines = False
        self.rows = 0
        self.longest = 0
        self._inside = 0  # 1 while within quotes
        self._last = LF  # the byte before this block
        self._tail = 0  # bytes of the record that is still open

    def feed(self, block: bytes) -> None:
        """Take the next bytes."""
        if not self.well_formed or not block:
            return
        data = np.frombuffer(block, np.uint8)
        if self._tail == 0 and self._last == LF and self.rows == 0 and data[0] == LF:
            self.blank_lines = True
        telling = data == LF
        telling |= data == QUOTE
        if b"\r" in block:
            telling |= data == CR
        at = np.flatnonzero(telling)
        sign = data.take(at)
        quotes = at[sign == QUOTE]
        if len(quotes) or (self._last == QUOTE and not self._inside):
            self._check_quotes(data, quotes)
        self._check_lines(data, quotes, at[sign == LF], at[sign == CR])
        self._inside = (self._inside + len(quotes)) % 2
        self._last = int(data[-1])

    def finish(self) -> None:
        """Say that there are no more bytes."""
        self.longest = max(self.longest, self._tail)
        self.rows += self._tail > 0
        if self._inside:
            self.well_formed = False

    def _check_quotes(self, data: np.ndarray, quotes: np.ndarray) -> None:
        opening = quotes[self._inside :: 2]
        closing = quotes[1 - self._inside :: 2]
        before = data[opening - 1]
        if len(opening) and opening[0] == 0:
            before[0] = self._last
        at_end = len(closing) > 0 and closing[-1] == len(data) - 1
        after = data[(closing[:-1] if at_end else closing) + 1]
        if self._last == QUOTE and not self._inside:  # the block before ended right after a cell, or inside a pair
            after = np.append(after, data[0])
        allowed = (QUOTE, LF, CR, self._delimiter)
        if not np.isin(before, allowed).all() or not np.isin(after, allowed).all():
            self.well_formed = False

    def _check_lines(self, data: np.ndarray, quotes: np.ndarray, ends: np.ndarray, returns: np.ndarray) -> None:
        if len(returns) or self._last == CR:
            inner = returns[returns < len(data) - 1]
            lone = inner[data[inner + 1] != LF]
            lone = lone[(np.searchsorted(quotes, lone) + self._inside) % 2 == 0]
            if len(lone) or (self._last == CR and not self._inside and data[0] != LF):
                self.well_formed = False
        if len(quotes):
            ends = ends[(np.searchsorted(quotes, ends) + self._inside) % 2 == 0]
        elif self._inside:
            ends = ends[:0]
        if not len(ends):
            self._tail += len(data)
            return
        lengths = np.diff(ends, prepend=-1)
        lengths[0] += self._tail
        self.blank_lines |= bool((lengths == 1).any() or ((lengths == 2) & (data[ends - 1] == CR)).any())
        self.longest = max(self.longest, int(lengths.max()))
        self.rows += len(ends)
        self._tail = len(data) - 1 - int(ends[-1])
