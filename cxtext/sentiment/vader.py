"""VADER's scores, identical to vaderSentiment 3.3.2, as array arithmetic on the token table.

A rule such as "a booster two words before a lexicon word adds 0.293 x 0.95" is a shift of the words' flags, evaluated
only where a lexicon word stands. The order of the rules and of every addition is vaderSentiment's, so the figures agree
to the last digit. Source: Hutto and Gilbert (2014), and the vaderSentiment package, whose files are the data.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from cxtext.schema import Polarity, TokenTable, Units
from cxtext.sentiment import vader_lexicon as lx
from cxtext.sentiment.vader_words import WordTable, expand, word_table

if TYPE_CHECKING:
    import numpy.typing as npt

    from cxtext.schema import BoolArray, FloatArray, IntArray

    Flags = npt.NDArray[np.int32]

# Since 3.12 Python's sum() of floats carries a correction term; vaderSentiment adds its valences with sum().
_COMPENSATED_SUM = sys.version_info >= (3, 12)


def polarity(table: TokenTable, words: WordTable | None = None) -> Polarity:
    """Score whole texts as vaderSentiment does: four figures for each of the N texts of the table.

    ``neg``, ``neu``, ``pos`` are shares (0..1, three digits), ``compound`` runs from -1 (very negative) to 1 (very
    positive, four digits). A blank text has zeros. Words are all that VADER looks at, so the texts themselves aren't
    needed. ``words``: the table's ``word_table``, if at hand already.
    """
    return _score(table.codes, table.offsets, words or word_table(table.tokens))


def unit_polarity(table: TokenTable, units: Units, words: WordTable | None = None) -> Polarity:
    """Score each unit as vaderSentiment would score its words joined by blanks: four figures for each of U units.

    Any units of the table will do, in any order and number; capitals, "but" and punctuation count within a unit.
    """
    codes, offsets = _rows(table, units)
    return _score(codes, offsets, words or word_table(table.tokens))


def _rows(table: TokenTable, units: Units) -> tuple[IntArray, IntArray]:
    """The units' tokens one after another, and where each unit starts in them."""
    first, last = units.first, units.last
    if not len(first):
        return table.codes[:0], np.zeros(1, dtype=np.int64)
    if np.array_equal(first[1:], last[:-1]):
        return table.codes[first[0] : last[-1]], np.append(first, last[-1]) - first[0]
    ends = np.concatenate(([0], np.cumsum(last - first)))
    at = np.repeat(first - ends[:-1], last - first) + np.arange(ends[-1])
    return table.codes[at], ends


def _score(codes: IntArray, offsets: IntArray, words: WordTable) -> Polarity:
    codes, offsets = expand(codes, offsets, words)
    n, sizes = len(offsets) - 1, np.diff(offsets)
    # three words of nothing before and after, so that no shift runs off the end
    flags = np.zeros(len(codes) + 6, dtype=np.int32)
    np.take(words.flags, codes, out=flags[3 : len(codes) + 3], mode="clip")
    active = np.flatnonzero((flags[3 : len(codes) + 3] & lx.ACTIVE) != 0)
    owner = np.repeat(np.arange(n), sizes).take(active)
    does = flags.take(active + 3)

    def places(bit: int) -> tuple[IntArray, IntArray]:
        chosen = np.flatnonzero((does & bit) != 0)
        return active.take(chosen), owner.take(chosen)

    shouted = np.bincount(places(lx.UPPER)[1], minlength=n)
    mixed_case = (shouted > 0) & (shouted < sizes)
    idioms = _phrases(codes, offsets, words, *places(lx.PHRASE_KEY))
    spots = _spots(*places(lx.SCORED), offsets, flags, mixed_case, idioms)
    value = _valences(spots, words, codes)

    real = value != 0
    value, text, at = value[real], spots.text[real], spots.at[real]
    value = _but_check(value, text, at, *places(lx.BUT), n)
    positive, negative = value > 0, value < 0
    sum_s = _sum(value, text, n)
    pos_sum = _add_up((value + 1) * positive, text, n)
    neg_sum = _add_up((value - 1) * negative, text, n)
    neutral = sizes - np.bincount(text, minlength=n)  # no value here is zero

    emphasis = _emphasis(codes, words, *places(lx.MARKED), n)
    sum_s += np.where(sum_s > 0, emphasis, np.where(sum_s < 0, -emphasis, 0.0))
    more = np.abs(neg_sum)
    up, down = pos_sum > more, pos_sum < more
    pos_sum += np.where(up, emphasis, 0.0)
    neg_sum -= np.where(down, emphasis, 0.0)
    total = pos_sum + np.abs(neg_sum) + neutral
    total[sizes == 0] = 1.0
    return Polarity(
        neg=_round(np.abs(neg_sum / total), 3),
        neu=_round(np.abs(neutral / total), 3),
        pos=_round(np.abs(pos_sum / total), 3),
        compound=_round(np.clip(sum_s / np.sqrt(sum_s * sum_s + 15), -1.0, 1.0), 4),
    )


@dataclass(frozen=True, slots=True)
class _Spots:
    """The M places where a word of the lexicon carries a valence, with the flags around them.

    ``at``: position among all words; ``text``: which text; ``place``: position in its text; ``here``, ``back[k]`` and
    ``ahead``: flags of the word, of the one k+1 before and of the next, zero beyond the text; ``mixed``: the text mixes
    capitals with other words.
    """

    at: IntArray
    text: IntArray
    place: IntArray
    here: Flags
    back: tuple[Flags, Flags, Flags]
    ahead: Flags
    mixed: BoolArray
    idioms: dict[int, npt.NDArray[np.uint8]]


def _spots(
    at: IntArray,
    text: IntArray,
    offsets: IntArray,
    flags: Flags,
    mixed_case: BoolArray,
    idioms: dict[int, npt.NDArray[np.uint8]],
) -> _Spots:
    place = at - offsets[text]
    here = flags[at + 3]
    ahead = np.where(at + 1 < offsets[text + 1], flags[at + 4], 0)
    keep = ~(((here & lx.KIND) != 0) & ((ahead & lx.OF) != 0))  # "kind of" carries none
    if not keep.all():
        at, text, place, here, ahead = at[keep], text[keep], place[keep], here[keep], ahead[keep]
    back = (
        np.where(place > 0, flags[at + 2], 0),
        np.where(place > 1, flags[at + 1], 0),
        np.where(place > 2, flags[at], 0),
    )
    return _Spots(at, text, place, here, back, ahead, mixed_case[text], idioms)


def _valences(s: _Spots, words: WordTable, codes: IntArray) -> FloatArray:
    """The valence of each spot after every rule but "but": float64[M]."""
    lexicon = lx.lexicon()
    base: FloatArray = words.valence[codes[s.at]]
    value = base.copy()
    # "no" before a lexicon word negates it instead of counting itself
    value[((s.here & lx.NO) != 0) & ((s.ahead & lx.LEXICON) != 0)] = 0.0
    denied = ((s.back[0] | s.back[1]) & lx.NO) != 0
    denied |= ((s.back[2] & lx.NO) != 0) & ((s.back[0] & lx.OR_NOR) != 0)
    value[denied] = base[denied] * lexicon.negation
    loud = np.flatnonzero(((s.here & lx.UPPER) != 0) & s.mixed)
    value[loud] += np.where(value[loud] > 0, lexicon.caps, -lexicon.caps)
    for k, share in enumerate((1.0, 0.95, 0.9)):
        near = (s.place > k) & ((s.back[k] & lx.LEXICON) == 0)
        _boost(value, s, words, codes, near, k, share)
        _negate(value, s, near, k)
        if k == 2 and s.idioms:
            _idioms(value, s, near)
    least = ((s.back[0] & lx.LEAST) != 0) & ((s.back[0] & lx.LEXICON) == 0)
    least &= (s.back[1] & lx.AT_VERY) == 0  # no flags where there is no second word before
    value[least] *= lexicon.negation
    return value


def _boost(
    value: FloatArray, s: _Spots, words: WordTable, codes: IntArray, near: BoolArray, k: int, share: float
) -> None:
    """Add what a booster or dampener k+1 words before contributes (in place)."""
    at = np.flatnonzero(near & ((s.back[k] & lx.BOOSTER) != 0))
    scalar = words.boost[codes[s.at[at] - (k + 1)]]
    scalar[value[at] < 0] *= -1
    loud = ((s.back[k][at] & lx.UPPER) != 0) & s.mixed[at]
    caps = lx.lexicon().caps
    scalar[loud] += np.where(value[at[loud]] > 0, caps, -caps)
    value[at] += scalar * share if k else scalar


def _negate(value: FloatArray, s: _Spots, near: BoolArray, k: int) -> None:
    """Turn the valence round after a negation k+1 words before, with VADER's exceptions (in place)."""
    one, two, three = s.back
    negated = near & ((s.back[k] & lx.NEGATION) != 0)
    if k:
        if k == 1:
            praised = ((two & lx.NEVER) != 0) & ((one & lx.SO_THIS) != 0)
            doubtless = ((two & lx.WITHOUT) != 0) & ((one & lx.DOUBT) != 0)
        else:  # so it stands in vaderSentiment: "so" or "this" right before the word is enough
            praised = (((three & lx.NEVER) != 0) & ((two & lx.SO_THIS) != 0)) | ((one & lx.SO_THIS) != 0)
            doubtless = ((three & lx.WITHOUT) != 0) & (((one | two) & lx.DOUBT) != 0)
        praised &= near
        value[praised] *= 1.25
        negated &= ~(praised | doubtless)
    value[negated] *= lx.lexicon().negation


def _phrases(
    codes: IntArray, offsets: IntArray, words: WordTable, keys: IntArray, text: IntArray
) -> dict[int, npt.NDArray[np.uint8]]:
    """Find idioms and two-word boosters: for each length, uint8 by word position, 1 + the phrase that starts there.

    ``keys``: the places of telling words, in the texts ``text``.
    """
    found: dict[int, npt.NDArray[np.uint8]] = {}
    if not len(keys):
        return found
    for number, phrase in enumerate(lx.lexicon().phrases):
        size = len(phrase.words)
        start = keys - phrase.key
        fits = (start >= offsets[text]) & (start + size <= offsets[text + 1])
        start = start[fits]
        for i, word in enumerate(phrase.words):
            start = start[words.phrase_id[codes[start + i]] == word]
        if len(start):
            starts_here = found.setdefault(size, np.zeros(len(codes) + 6, dtype=np.uint8))
            starts_here[start + 3] = number + 1
    return found


def _idioms(value: FloatArray, s: _Spots, near: BoolArray) -> None:
    """Let idioms set the valence and two-word boosters add to it (in place)."""
    phrases = lx.lexicon().phrases
    none = np.nan
    valence = np.array([none, *(p.valence for p in phrases)])
    boost = np.array([none, *(p.boost for p in phrases)])
    empty = np.zeros(1, dtype=np.uint8)

    def phrase(size: int, back: int, among: IntArray) -> npt.NDArray[np.uint8]:
        there = s.idioms.get(size)
        return np.zeros(len(among), dtype=np.uint8) if there is None else there[s.at[among] + 3 - back]

    two, three = s.idioms.get(2, empty), s.idioms.get(3, empty)
    touched = np.zeros(len(value), dtype=np.bool_)
    for there in (two, three):
        if there is not empty:
            for back in range(4):
                touched |= there[s.at + 3 - back] != 0
    at = np.flatnonzero(touched & near)
    if not len(at):
        return
    # the first that applies wins, looking back; then what starts at the word itself overrides it
    chosen = np.full(len(at), none)
    for size, back in ((2, 1), (3, 2), (2, 2), (3, 3), (2, 3)):
        chosen = np.where(np.isnan(chosen), valence[phrase(size, back, at)], chosen)
    for size in (2, 3):
        own = valence[phrase(size, 0, at)]
        chosen = np.where(np.isnan(own), chosen, own)
    value[at] = np.where(np.isnan(chosen), value[at], chosen)
    for size, back in ((3, 3), (2, 3), (2, 2)):
        value[at] += np.nan_to_num(boost[phrase(size, back, at)])


def _but_check(
    value: FloatArray, text: IntArray, at: IntArray, but: IntArray, but_text: IntArray, n: int
) -> FloatArray:
    """Halve what comes before the first "but" and raise what comes after it by half.

    vaderSentiment finds each value by looking for the first equal one, so where a changed value equals a later
    unchanged one it changes the wrong word. Those texts, if any, are replayed word by word.
    """
    first_but = np.full(n, -1, dtype=np.int64)
    first_but[but_text[::-1]] = but[::-1]
    pivot = first_but[text]
    turned = np.flatnonzero(pivot >= 0)
    if not len(turned):
        return value
    old, owner = value[turned], text[turned]
    new = old * np.where(at[turned] < pivot[turned], 0.5, 1.5)
    out = value.copy()
    out[turned] = new
    # equal values of one text have equal keys; keys may be equal otherwise, which costs no more than a replay
    keys = np.concatenate((owner * 64.0 + old, owner * 64.0 + new))
    order = np.argsort(keys)
    kind = order >= len(old)
    same = (keys[order][1:] == keys[order][:-1]) & (kind[1:] != kind[:-1])
    for i in np.unique(owner[order[1:][same] % len(old)]).tolist():
        mine = np.arange(*np.searchsorted(text, (i, i + 1)))
        out[mine] = _replay(value[mine].tolist(), at[mine].tolist(), int(first_but[i]))
    return out


def _replay(values: list[float], at: list[int], but: int) -> list[float]:
    for k in range(len(values)):
        i = values.index(values[k])
        values[i] *= 0.5 if at[i] < but else 1.5
    return values


def _sum(value: FloatArray, text: IntArray, n: int) -> FloatArray:
    """Add up each text's valences from left to right, as Python's sum() does."""
    return compensated_sum(value, text, n) if _COMPENSATED_SUM else _add_up(value, text, n)


def _add_up(value: FloatArray, text: IntArray, n: int) -> npt.NDArray[np.float64]:
    """Add from left to right within each text (bincount does, where reduceat adds in pairs)."""
    return np.bincount(text, weights=value, minlength=n).astype(np.float64, copy=False)


def compensated_sum(value: FloatArray, text: IntArray, n: int) -> FloatArray:
    """Add with Neumaier's correction term, left to right within each text (``text`` is sorted): float64[n]."""
    counts = np.bincount(text, minlength=n)
    starts = np.cumsum(counts) - counts
    total, lost = np.zeros(n), np.zeros(n)
    alive = np.flatnonzero(counts)
    step = 0
    while len(alive):
        x, so_far = value[starts[alive] + step], total[alive]
        fresh = so_far + x
        lost[alive] += np.where(np.abs(so_far) >= np.abs(x), (so_far - fresh) + x, (x - fresh) + so_far)
        total[alive] = fresh
        step += 1
        alive = alive[counts[alive] > step]
    return total + lost


def _emphasis(codes: IntArray, words: WordTable, marked: IntArray, text: IntArray, n: int) -> FloatArray:
    """What "!" and "?" add: 0.292 for each of up to four "!"; two or three "?" 0.18 each, more 0.96."""
    exclamations = np.bincount(text, weights=words.exclamations[codes[marked]], minlength=n)
    questions = np.bincount(text, weights=words.questions[codes[marked]], minlength=n)
    by_questions = np.where(questions > 3, 0.96, questions * 0.18)
    by_questions[questions < 2] = 0.0
    return np.minimum(exclamations, 4) * 0.292 + by_questions


def _round(x: FloatArray, digits: int) -> FloatArray:
    """Round as Python does: exactly, by the decimal value of the float (numpy's is off near ties)."""
    scaled = x * 10**digits
    out: FloatArray = np.rint(scaled) / 10**digits
    for i in np.flatnonzero(np.abs(scaled - np.floor(scaled) - 0.5) < 1e-6).tolist():
        out[i] = round(float(x[i]), digits)
    return out
