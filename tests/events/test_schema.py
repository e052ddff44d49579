import dataclasses
import re

import pytest

from ringfence.events import schema

TABLES = (
    schema.Registration,
    schema.Authentication,
    schema.Call,
    schema.FileRequest,
    schema.Login,
    schema.Anomaly,
)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.__name__)
def test_every_row_has_its_time_and_its_place(table: type) -> None:
    names = {column.name for column in dataclasses.fields(table)}
    assert {"at", "citation"} <= names


@pytest.mark.parametrize("table", [*TABLES, schema.LogSource], ids=lambda table: table.__name__)
def test_columns_carry_their_unit_and_rows_are_frozen(table: type) -> None:
    for column in dataclasses.fields(table):
        assert not re.search(r"duration$|timeout$|size$", column.name), f"{column.name} lacks its unit"
    assert table.__dataclass_params__.frozen  # type: ignore[attr-defined]  # every table is a dataclass


def test_no_events_are_no_rows() -> None:
    events = schema.Events()
    assert all(getattr(events, column.name) == () for column in dataclasses.fields(events))
