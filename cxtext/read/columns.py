"""Which column plays which role: declared by flags, else told from header and values, with the reason recorded."""

from __future__ import annotations

import difflib
import math
from collections.abc import Collection, Iterable, Mapping

import pyarrow as pa

from cxtext.errors import AmbiguousError, InputError
from cxtext.read.headers import (
    DATE_WORDS,
    NOT_SEGMENT,
    NOT_TEXT,
    OF_PERSON,
    OTHER_DATES,
    PERSON,
    PROMPT_WORDS,
    ROLE_HEADERS,
    SEGMENT_WORDS,
    TEXT_WORDS,
)
from cxtext.read.profile import Profile, profile
from cxtext.read.scales import declared_score_columns, declared_scores, detected_scores
from cxtext.schema import Choice, Columns
from cxtext.settings import Declared

ROLES = ("text", "id", "customer", "date", "channel", "touchpoint", "stage", "author_role")
MAX_SEGMENTS = 5
MAX_PROMPTS = 20


def choose_columns(
    head: pa.Table,
    declared: Declared,
    *,
    source: str,
    elsewhere: Collection[str] = (),
    need_text: bool = True,
    only: Collection[str] = (),
) -> Columns:
    """Give each role its column: what flags declare, else what the first rows of a file (`head`) show beyond doubt.

    `source` is the file's name, for messages. A declared column that this file lacks is an InputError naming the
    nearest names, unless it is among those found `elsewhere` (the other files): then this file goes without. Raises
    AmbiguousError, naming the flag to type, where two columns are equally likely or a score's scale stays open.
    Without `need_text` a file may have no text (a file of scores); ``Columns.text`` is then empty. With `only` (of
    text, date, customer and id) no other role gets a column, and nothing that is open about others is asked for.
    """
    names = head.column_names
    _check_declared(names, declared, source, elsewhere)
    profiles = {name: profile(name, head[name]) for name in names}
    picked: dict[str, str] = {}
    choices: list[Choice] = []
    for role in ROLES:
        name = _without_order(getattr(declared, role)) if role == "date" else getattr(declared, role)
        if name is not None and name in profiles:
            picked[role] = name
            choices.append(Choice(role, name, "declared", True))
    scores, score_choices, notes = declared_scores(profiles, declared, source)
    taken = {name for name in picked.values() if name} | {metric.column for metric in scores}

    def free() -> list[Profile]:
        return [seen for seen in profiles.values() if seen.name not in taken]

    def pick(role: str, found: tuple[Profile, str] | None) -> None:
        if role in picked or found is None or getattr(declared, role) == "none":
            return
        picked[role] = found[0].name
        taken.add(found[0].name)
        choices.append(Choice(role, found[0].name, found[1], False))

    if "text" not in picked:
        pick("text", _find_text(free(), source, need_text))
    pick("date", _find_date(free()))
    pick("customer", _find_customer(free()))
    pick("id", _find_id(free()))
    if only:
        kept: dict[str, str | None] = {role: picked.get(role) for role in only if role != "text"}
        chosen = tuple(choice for choice in choices if choice.role in only)
        return Columns(text=picked.get("text") or "", **kept, choices=chosen)  # type: ignore[arg-type]
    date_name = picked.get("date")
    date = profiles[date_name] if date_name else None
    more, more_choices, more_notes = detected_scores(free(), declared, date, source)
    used = {metric.name for metric in scores}
    scores += [metric for metric in more if metric.name not in used]
    score_choices += more_choices
    notes += more_notes
    taken |= {metric.column for metric in scores}
    for role in ROLE_HEADERS:
        pick(role, _find_category(role, free()))
    segments = [name for name in declared.segments if name in profiles]
    choices += [Choice("segment", name, "declared", True) for name in segments]
    if not declared.segments:
        for seen in _find_segments(free()):
            segments.append(seen.name)
            choices.append(Choice("segment", seen.name, f"a category with {seen.distinct} levels", False))
    prompt = _find_prompt([seen for seen in free() if seen.name not in segments])
    if prompt is not None and declared.segments:
        notes.append(f"column {prompt.name!r} holds the question asked; answers to different ones are pooled here: "
                     f'add --segment "{prompt.name}" to set them apart, or analyze them one by one')  # fmt: skip
    elif prompt is not None:
        segments.append(prompt.name)
        choices.append(Choice("segment", prompt.name, f"the question asked, {prompt.distinct} different", False))
        notes.append(f"column {prompt.name!r} holds {prompt.distinct} questions, whose answers aren't alike: "
                     "they are set apart as a segment; analyze them one by one to be sure")  # fmt: skip
    day_first = _day_first(date, declared, source, notes)
    return Columns(
        text=picked.get("text") or "",
        **{role: picked.get(role) for role in ROLES if role != "text"},
        segments=tuple(segments),
        metrics=tuple(scores),
        choices=tuple(choices + score_choices),
        notes=tuple(notes),
        day_first=day_first,
    )


def choose_all(
    heads: Mapping[str, pa.Table],
    declared: Declared,
    *,
    beside: Collection[str] = (),
    need_text: bool = True,
    only: Collection[str] = (),
) -> dict[str, Columns]:
    """`choose_columns` for every file of an input: a declared column must be in at least one of them.

    `beside` are the columns of other inputs of the same run (score files), where a declared column may be as well.
    """
    everywhere = {name for head in heads.values() for name in head.column_names} | set(beside)
    chosen = {}
    for source, head in heads.items():
        elsewhere = everywhere - set(head.column_names)
        chosen[source] = choose_columns(
            head, declared, source=source, elsewhere=elsewhere, need_text=need_text, only=only
        )
    return chosen


# -------------------------------------------------------------------------------------------- declared


def _check_declared(names: list[str], declared: Declared, source: str, elsewhere: Collection[str]) -> None:
    asked = [(f"--{role.replace('_', '-')}", getattr(declared, role)) for role in ROLES]
    asked = [(flag, _without_order(name) if flag == "--date" else name) for flag, name in asked]
    asked += [("--segment", name) for name in declared.segments]
    asked += declared_score_columns(declared)
    for flag, name in asked:
        if name and name != "none" and name not in names and name not in elsewhere:
            raise InputError(
                f"{source}: {flag} {name!r}: there is no such column; {nearest(name, [*names, *elsewhere])}"
            )


def nearest(name: str, names: Iterable[str]) -> str:
    """A clause that offers the names closest to a wrong one."""
    lower = {each.lower(): each for each in names}
    close = [lower[hit] for hit in difflib.get_close_matches(name.lower(), list(lower), n=3, cutoff=0.5)]
    close = close or [each for key, each in lower.items() if name.lower() in key or key in name.lower()][:3]
    if close:
        return f"did you mean {' or '.join(_shown(each) for each in close)}?"
    shown = list(lower.values())
    return f"it has {', '.join(_shown(each) for each in shown[:12])}{' ...' if len(shown) > 12 else ''}"


def _shown(name: str) -> str:
    """A column's name in quotes, cut where it is very long."""
    return repr(name if len(name) <= 60 else name[:57] + "...")


def _without_order(value: str | None) -> str | None:
    """``--date COL:day-first`` without its ending."""
    for ending in (":day-first", ":month-first"):
        if value and value.endswith(ending):
            return value[: -len(ending)]
    return value


def _day_first(date: Profile | None, declared: Declared, source: str, notes: list[str]) -> bool | None:
    """How all-number dates are to be read: as declared, else as the column itself shows."""
    if declared.date and declared.date.endswith((":day-first", ":month-first")):
        return declared.date.endswith(":day-first")
    if date is None or date.dates is None:
        return None
    styles = date.dates.styles
    if len(styles) > 1:
        listed = ", ".join(f"{count:,} {style}" for style, count in styles.items())
        notes.append(f"dates in column {date.name!r} are written in {len(styles)} styles: {listed}")
    if styles.get("numeric") and date.dates.day_first is None:
        if any("." in level for level in date.levels):
            return True  # points between numbers are written day first
        raise AmbiguousError(
            f"{source}, column {date.name!r}: dates such as {date.levels[0]!r} can be read in two ways; "
            f'say --date "{date.name}:day-first" or --date "{date.name}:month-first"'
        )
    return date.dates.day_first


# ------------------------------------------------------------------------------------------- detection


def _find_text(candidates: list[Profile], source: str, need: bool) -> tuple[Profile, str] | None:
    """The column of free text: the one with the longest, most varied cells; headers count double."""
    scored = []
    for seen in candidates:
        if not seen.count or seen.numeric > 0.5 or seen.dated > 0.5 or seen.yes_no:
            continue
        says = bool(set(seen.words) & TEXT_WORDS) and not set(seen.words) & (NOT_TEXT - {"reply"})
        varied = seen.distinct / seen.count
        if seen.mean_words < (1.5 if says else 3) or varied < (0.1 if says else 0.3):
            continue
        weight = seen.mean_words * math.sqrt(seen.filled) * (2 if says else 1)
        scored.append((weight * (0.3 if set(seen.words) & NOT_TEXT else 1), says, seen))
    if not scored:
        plain = [seen for seen in candidates if set(seen.words) & TEXT_WORDS and seen.numeric < 0.5 and seen.count]
        if len(plain) == 1:
            return plain[0], "its header says text"
        if not need:
            return None
        listed = ", ".join(_shown(seen.name) for seen in candidates[:8]) or "none that is free"
        raise InputError(f"{source}: no column holds text of several words (columns: {listed}); name it with --text")
    scored.sort(key=lambda item: (-item[0], item[2].name))
    best = scored[0]
    rivals = [item for item in scored[1:] if item[0] > 0.6 * best[0] and item[1] == best[1]]
    if rivals:
        names = " or ".join(f'--text "{item[2].name}"' for item in (best, *rivals[:2]))
        raise AmbiguousError(f"{source}: more than one column may be the text; say {names}")
    reason = f"the longest free text, {best[2].mean_words:.0f} words a cell"
    return best[2], reason + (", and its header says so" if best[1] else "")


def _find_date(candidates: list[Profile]) -> tuple[Profile, str] | None:
    ranked = []
    for seen in candidates:
        words = set(seen.words)
        place = min((i for i, word in enumerate(DATE_WORDS) if word in words), default=None)
        epoch = place is not None and seen.numeric > 0.9 and seen.low >= 3e8
        if seen.dated < 0.8 and not epoch:
            continue
        if place is None and (seen.numeric > 0.5 or not seen.dates):
            continue
        penalty = 10 * bool(words & OTHER_DATES) + (5 if place is None else 0)
        ranked.append((penalty, len(words), place if place is not None else 99, seen))
    if not ranked:
        return None
    _, _, place, seen = min(ranked, key=lambda item: item[:3])
    share = f"{min(1.0, seen.dated):.0%} of its cells are dates" if seen.dated else "its numbers are epoch times"
    return seen, share


def _find_customer(candidates: list[Profile]) -> tuple[Profile, str] | None:
    ranked = []
    for seen in candidates:
        words = seen.words
        if not words or seen.mean_words > 4 or seen.filled < 0.2 or seen.distinct < 3:
            continue
        known = set(words)
        if known & PERSON and known <= PERSON | OF_PERSON:
            rank = 0 if known & {"id", "key", "uuid", "number"} else 1
        elif words in (("email",), ("username",), ("screen", "name"), ("author",), ("author", "id"), ("userid",)):
            rank = 2
        else:
            continue
        ranked.append((rank, len(words), seen.name, seen))
    if not ranked:
        return None
    seen = min(ranked, key=lambda item: item[:3])[3]
    return seen, f"its header names a person, {seen.distinct:,} in the first {seen.rows:,} rows"


def _find_id(candidates: list[Profile]) -> tuple[Profile, str] | None:
    ranked = []
    for seen in candidates:
        words = seen.words
        is_id = bool(words) and (words[-1] in ("id", "uuid", "guid", "key") or words[0] == "id")
        if not is_id or seen.filled < 0.999 or seen.distinct < seen.count or seen.mean_words > 8:
            continue
        known = {"response", "review", "ticket", "comment", "tweet", "survey", "feedback", "record", "case", "row"}
        ranked.append((not set(words) & known and len(words) > 1, len(words), seen.name, seen))
    if not ranked:
        return None
    return min(ranked, key=lambda item: item[:3])[3], "its header says id and every value is different"


def _is_category(seen: Profile, most: int) -> bool:
    few = 2 <= seen.distinct <= most and seen.count >= 3 * seen.distinct
    return few and seen.mean_words <= 6 and not seen.yes_no and (seen.numeric < 0.5 or seen.distinct <= 8)


def _find_category(role: str, candidates: list[Profile]) -> tuple[Profile, str] | None:
    for header in ROLE_HEADERS[role]:
        for seen in candidates:
            if set(seen.words) == header and 1 <= seen.distinct <= 40 and seen.numeric < 0.5 and seen.mean_words <= 6:
                return seen, f"its header says so, {seen.distinct} level{'s' if seen.distinct > 1 else ''}"
    return None


def _find_prompt(candidates: list[Profile]) -> Profile | None:
    """The column that says which question an answer answers, if there is more than one question."""
    for seen in candidates:
        words = set(seen.words)
        asked = sum(level.rstrip().endswith("?") for level in seen.levels)
        few = 2 <= seen.distinct <= MAX_PROMPTS and seen.count >= 10 * seen.distinct and seen.numeric < 0.5
        if few and not seen.yes_no and bool(words & PROMPT_WORDS) and (asked * 2 >= seen.distinct or "prompt" in words):
            return seen
    return None


def _find_segments(candidates: list[Profile]) -> list[Profile]:
    found = [seen for seen in candidates if set(seen.words) & SEGMENT_WORDS and _is_category(seen, 40)]
    found = [seen for seen in found if not NOT_SEGMENT & set(seen.words) and seen.numeric < 0.5 and seen.filled >= 0.1]
    return found[:MAX_SEGMENTS]
