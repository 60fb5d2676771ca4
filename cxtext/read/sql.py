"""Reading the rows that a query gives, from any database that SQLAlchemy knows."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cxtext.errors import InputError, RequestError
from cxtext.read.dialect import column_names
from cxtext.read.locate import Entry, first_line
from cxtext.read.structured import BATCH_ROWS, Batch, Structured, numbered, typed_table, value_kind


@dataclass
class Sql(Structured):
    """The rows that a query gives, through SQLAlchemy."""

    url: str = ""
    query: str = ""
    kinds: dict[str, str] = field(default_factory=dict)

    def batches(self) -> Iterator[Batch]:
        """The rows in the order the database gives them."""
        yield from numbered(
            typed_table([dict(zip(self.columns, row, strict=True)) for row in rows], self.kinds)
            for rows in _fetch(self.url, self.query)
        )


def open_sql(url: str, query: str | None) -> Sql:
    """Run the query once to learn its columns and their kinds. RequestError without a query."""
    if query is None:
        raise RequestError("a database needs --query 'SELECT ...' to say what to read")
    kinds: dict[str, str] = {}
    count = 0
    sha256 = hashlib.sha256()
    columns: tuple[str, ...] = ()
    for rows in _fetch(url, query):
        columns = columns or tuple(column_names([str(name) for name in rows[0]._fields])[0])
        for row in rows:
            sha256.update(repr(tuple(row)).encode())
            for name, value in zip(columns, row, strict=True):
                kind, known = value_kind(value), kinds.get(name, "")
                if kind and kind != known:
                    kinds[name] = kind if not known else ("float" if {known, kind} == {"int", "float"} else "str")
                else:
                    kinds.setdefault(name, kind)
        count += len(rows)
    shown = shown_url(url)
    if not count:
        raise InputError(f"{shown}: the query gives no rows")
    return Sql(Entry(shown, Path()), columns, sha256.hexdigest(), 0, [], "", "", url, query, kinds)


def shown_url(url: str) -> str:
    """A database address without its password."""
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        return make_url(url).render_as_string(hide_password=True)
    except (ArgumentError, ValueError):
        return url.split("://")[0] + "://..."


def _fetch(url: str, query: str) -> Iterator[list[Any]]:
    import sqlalchemy
    from sqlalchemy.exc import NoSuchModuleError, SQLAlchemyError

    try:
        engine = sqlalchemy.create_engine(url)
        with engine.connect().execution_options(stream_results=True) as connection:
            result = connection.execute(sqlalchemy.text(query))
            while rows := list(result.fetchmany(BATCH_ROWS)):
                yield rows
        engine.dispose()
    except (NoSuchModuleError, ModuleNotFoundError) as error:
        raise InputError(f"{shown_url(url)}: no driver for this database is installed ({first_line(error)})") from None
    except SQLAlchemyError as error:
        reason = first_line(getattr(error, "orig", None) or error)
        raise InputError(f"{shown_url(url)}: the query failed ({reason})") from None
