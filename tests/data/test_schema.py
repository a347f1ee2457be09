"""Expand and contract, enumerated: which code works with which schema, and who sees whose writes."""

from itertools import product

import pytest

from sim.data.schema import NEXT, WORKS, Code, Database, Schema, sees


@pytest.mark.parametrize(("code", "schema"), [*product(Code, Schema)])
def test_only_the_expanded_schema_serves_both_versions(code, schema):
    database = Database(schema)
    matching = (code is Code.OLD) == (schema is Schema.OLD)
    assert (database.errors({code: 1.0}) == 0) == (schema is Schema.EXPANDED or matching)


@pytest.mark.parametrize(("reader", "writer"), [*product(Code, Code)])
def test_in_the_window_all_four_pairs_work_when_the_new_code_bridges(reader, writer):
    assert sees(reader, writer, Schema.EXPANDED, bridged=True)
    assert sees(reader, writer, Schema.EXPANDED, bridged=False) == (reader == writer)


@pytest.mark.parametrize(("reader", "writer", "schema"), [*product(Code, Code, [Schema.OLD, Schema.CONTRACTED])])
def test_outside_of_the_window_only_one_version_sees_anything(reader, writer, schema):
    assert sees(reader, writer, schema, bridged=True) == (WORKS[schema] == {reader} == {writer})


@pytest.mark.parametrize(("before", "after"), [*product(Schema, Schema)])
def test_schemas_move_one_step_and_never_back_from_contracted(before, after):
    database = Database(before)
    allowed = (before, after) in {
        (Schema.OLD, Schema.EXPANDED),
        (Schema.EXPANDED, Schema.OLD),
        (Schema.EXPANDED, Schema.CONTRACTED),
    }
    assert (after in NEXT[before]) == allowed
    if allowed:
        database.move(after)
        assert database.schema is after
    else:
        with pytest.raises(ValueError, match="cannot become"):
            database.move(after)
        assert database.schema is before
