"""One rule for what goes into JSON: NaN and infinities are null, wherever a figure comes from."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pyarrow as pa
import pytest

from cxtext.cli.answers import print_json
from cxtext.plain import plain
from cxtext.schema import Estimate
from cxtext.store import arrays
from cxtext.store.tables import table_writer

NAN, INF = float("nan"), float("inf")


@dataclass(frozen=True)
class Figure:
    value: float
    parts: tuple[float, ...]


def test_what_cannot_be_given_is_null_everywhere() -> None:
    odd = {
        "float": [NAN, INF, -INF, 1.5],
        "numpy": np.array([NAN, -INF, 2.0]),
        "scalar": np.float32("inf"),
        "dataclass": Figure(NAN, (INF, 3.0)),
        "estimate": Estimate(NAN, NAN, INF, 4, "mean", "suppressed"),
        "mapping": MappingProxyType({1: np.int64(7), None: np.bool_(True)}),
        "text": np.str_("x"),
    }
    assert plain(odd) == {
        "float": [None, None, None, 1.5],
        "numpy": [None, None, 2.0],
        "scalar": None,
        "dataclass": {"value": None, "parts": [None, 3.0]},
        "estimate": {"value": None, "low": None, "high": None, "n": 4, "method": "mean", "status": "suppressed"},
        "mapping": {"1": 7, "None": True},
        "text": "x",
    }
    assert json.dumps(plain(odd), allow_nan=False)
    with pytest.raises(TypeError, match="object"):
        plain({"a": object()})


def test_every_writer_of_json_follows_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    print_json([{"overlap": NAN}])
    assert json.loads(capsys.readouterr().out) == [{"overlap": None}]
    schema = pa.schema([("a", pa.float64()), ("b", pa.float32())])
    with table_writer(tmp_path / "t.jsonl", schema) as writer:
        writer.write(pa.table([[NAN, 1.0, None], [INF, 2.0, None]], schema=schema))
    lines = (tmp_path / "t.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line) for line in lines] == [
        {"a": None, "b": None},
        {"a": 1.0, "b": 2.0},
        {"a": None, "b": None},
    ]
    arrays.write(tmp_path / "m.npz", {}, plain({"q": NAN}))
    assert arrays.read(tmp_path / "m.npz")[1] == {"q": None}


def test_the_rule_stands_in_one_place() -> None:
    package = Path(arrays.__file__).parents[1]
    for file in package.rglob("*.py"):
        text = file.read_text(encoding="utf-8")
        assert file.name == "plain.py" or "[plain(" not in text, file
