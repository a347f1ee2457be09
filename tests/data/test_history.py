"""A history that is as it should be has no findings; one with a planted mistake has that one."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from sim.data.history import Applied, Contracted, Form, History, Promoted, Read, Wrong, Wrote
from sim.data.judge import judge


def wrote(id_, version, at, side="blue", form=Form.SET, **more):
    """A write of the key `k`, acknowledged 1 ms later, and in its own store by then."""
    return [
        Wrote("k", id_, version, side, at, more.pop("acked", at + 1), form, **more),
        Applied("k", id_, side, at),
    ]


def copied(id_, at, side="green"):
    return [Applied("k", id_, side, at)]


def moved(*events, blue=("w2",), green=("w2",), reported=()):
    """w1 and w2 on blue, both copied, green promoted at 100; then `events`."""
    good = [*wrote("w1", 1, 0), *copied("w1", 5), *wrote("w2", 2, 10), *copied("w2", 15), Promoted("green", 100)]
    return History("blue", [*good, *events], {"blue": {"k": blue}, "green": {"k": green}}, set(reported))


def found(history, **how):
    return {finding.wrong for finding in judge(history, **how)}


def test_a_good_move_has_no_findings():
    assert (
        judge(moved(Read("k", ("w2",), "green", 101), *wrote("w3", 3, 110, "green"), green=("w3",), blue=("w3",))) == ()
    )


def test_an_acknowledged_write_that_is_neither_there_nor_overwritten_is_lost():
    history = moved(*wrote("w3", 3, 50))  # the copier passed it over
    assert found(history, settled=False) == {Wrong.LOST, Wrong.BEHIND, Wrong.RESURRECTED}
    only_copy = History("blue", [*wrote("w1", 1, 0), Promoted("green", 5)], {"green": {}})
    assert Wrong.LOST in found(only_copy, settled=False)


def test_a_write_that_nobody_acknowledged_or_that_was_told_to_be_lost_is_not_lost():
    unknown = [Wrote("k", "w3", 3, "blue", 50, None)]
    assert judge(moved(*unknown)) == ()
    told = History("blue", [*wrote("w1", 1, 0, acked=2)], {"blue": {}}, {"w1"})
    assert found(told) == set()


def test_a_write_that_a_newer_one_overwrote_is_not_lost_and_a_deleted_one_neither():
    deleted = [*wrote("d3", 3, 50, form=Form.DELETE), *copied("d3", 55)]
    assert judge(moved(*deleted, blue=(), green=())) == ()


def test_a_delete_that_was_undone_by_an_older_copy_is_a_resurrection_and_a_lost_write():
    deleted = [*wrote("d3", 3, 50, form=Form.DELETE), *copied("d3", 55), *copied("w2", 60)]
    assert {Wrong.RESURRECTED, Wrong.LOST} <= found(moved(*deleted, blue=()))


def test_a_store_that_goes_back_to_an_older_value_resurrects_it():
    history = moved(
        *copied("w1", 120), *wrote("w3", 3, 130, "green"), *copied("w3", 135, "blue"), blue=("w3",), green=("w3",)
    )
    assert {Wrong.RESURRECTED} <= found(history)
    (finding, *_) = [one for one in judge(history) if one.wrong is Wrong.RESURRECTED]
    assert str(finding) == ("resurrected value of k at 120 ms: green had version 2 and went back to w1 (version 1)")


def test_a_store_that_ends_with_an_older_value_than_it_had_resurrects_it():
    assert Wrong.RESURRECTED in found(moved(green=("w1",)))


def test_what_was_refused_must_not_show():
    refused = [Wrote("k", "w9", 9, "green", 50, 51, failed=True)]
    assert Wrong.RESURRECTED in found(moved(*refused, green=("w9",), blue=("w9",)))
    assert judge(moved(*refused)) == ()


def test_a_write_that_took_effect_twice_is_doubled():
    adds = [*wrote("a1", 1, 0, form=Form.ADD), *copied("a1", 5)]
    assert judge(History("blue", adds, {"blue": {"k": ("a1",)}, "green": {"k": ("a1",)}})) == ()
    assert found(History("blue", adds, {"blue": {"k": ("a1",)}, "green": {"k": ("a1", "a1")}})) == {
        Wrong.DOUBLED, Wrong.APART
    }  # fmt: skip
    assert Wrong.DOUBLED in found(moved(*copied("w2", 120)))


def test_an_added_write_is_lost_when_it_is_not_among_the_others():
    adds = [*wrote("a1", 1, 0, form=Form.ADD), *wrote("a2", 2, 5, form=Form.ADD)]
    assert found(History("blue", adds, {"blue": {"k": ("a2",)}})) == {Wrong.LOST}
    assert found(History("blue", adds, {"blue": {"k": ("a2", "a1")}})) == set()


def test_a_read_after_the_promotion_that_shows_less_than_was_acknowledged_before_it_is_stale():
    assert found(moved(Read("k", ("w1",), "green", 101))) == {Wrong.STALE}
    assert found(moved(Read("k", (), "green", 101))) == {Wrong.STALE}


def test_before_the_promotion_and_on_the_other_side_reads_may_lag():
    assert judge(moved(Read("k", ("w1",), "green", 12), Read("k", ("w1",), "blue", 101))) == ()


def test_after_the_promotion_writes_of_the_other_side_may_lag_and_the_sides_own_may_not():
    late = [*wrote("w3", 3, 110), *copied("w3", 150)]
    both = {"blue": ("w3",), "green": ("w3",)}
    assert judge(moved(*late, Read("k", ("w2",), "green", 120), **both)) == ()
    own = [*wrote("w3", 3, 110, "green"), *copied("w3", 150, "blue")]
    assert found(moved(*own, Read("k", ("w2",), "green", 120), **both)) == {Wrong.STALE}


def test_nothing_to_see_is_right_after_a_delete_and_stale_without_one():
    deleted = [*wrote("d3", 3, 50, form=Form.DELETE), *copied("d3", 55)]
    assert judge(moved(*deleted, Read("k", (), "green", 120), blue=(), green=())) == ()


def test_whoever_is_promoted_without_an_acknowledged_write_was_promoted_at_lag():
    events = [*wrote("w1", 1, 0), *copied("w1", 5), *wrote("w2", 2, 98), Promoted("green", 100), *copied("w2", 104)]
    history = History("blue", events, {"blue": {"k": ("w2",)}, "green": {"k": ("w2",)}})
    (finding,) = judge(history)
    assert finding.wrong is Wrong.BEHIND
    assert finding.why == "green lacked 1 acknowledged writes, the first of them w2"


def test_a_promotion_needs_only_what_was_acknowledged():
    events = [*wrote("w1", 1, 0), *copied("w1", 5), Wrote("k", "w2", 2, "blue", 99, 101), Promoted("green", 100)]
    assert judge(History("blue", events, {"green": {"k": ("w1",)}}, {"w2"})) == ()


@pytest.mark.parametrize("late", [Read("k", ("w2",), "green", 205, "old"), *wrote("w3", 3, 205, "green")[:1]])
def test_old_code_after_the_contract_means_that_it_came_too_early(late):
    history = moved(Contracted(200), late, blue=("w2",))
    assert Wrong.EARLY in found(history)


def test_old_code_before_the_contract_and_new_code_after_it_are_right():
    assert (
        judge(moved(Read("k", ("w2",), "green", 199), Contracted(200), Read("k", ("w2",), "green", 201, "new"))) == ()
    )


def test_stores_that_hold_different_things_when_all_is_quiet_are_apart():
    assert found(moved(blue=("w1",), green=("w2",))) >= {Wrong.APART}
    assert found(moved(*wrote("w3", 3, 110, "green"), green=("w3",)), settled=False) == set()


# -- a store that is right, drawn at random ----------------------------------------------------------------------------

steps = st.lists(st.tuples(st.sampled_from("wdrcp"), st.integers(0, 3)), max_size=40)


def play(steps):
    """One key after the other is written, deleted, read, and copied in order; a promotion only when all is copied."""
    history, blue, green, todo, version = History("blue"), {}, {}, [], 0
    for at, (what, number) in enumerate(steps, 1):
        key, at_ms = f"k{number}", at * 10
        if what in "wd" and history.last_authority() == "blue":
            version += 1
            form, id_ = (Form.SET, f"w{version}") if what == "w" else (Form.DELETE, f"d{version}")
            history.events += [
                Wrote(key, id_, version, "blue", at_ms, at_ms + 1, form),
                Applied(key, id_, "blue", at_ms),
            ]
            blue[key] = (id_,) if what == "w" else ()
            todo.append((key, id_, blue[key]))
        elif what == "c" and todo:
            key, id_, value = todo.pop(0)
            green[key] = value
            history.events.append(Applied(key, id_, "green", at_ms))
        elif what == "p" and not todo:
            history.events.append(Promoted("green", at_ms))
        elif what == "r":
            history.events.append(Read(key, green.get(key, ()), "green", at_ms))
    for key, id_, value in todo:
        green[key] = value
        history.events.append(Applied(key, id_, "green", (len(steps) + 1) * 10))
    history.final = {"blue": blue, "green": green}
    return history


@given(steps)
def test_a_store_that_copies_in_order_and_is_promoted_when_it_has_all_is_never_accused(steps):
    assert judge(play(steps)) == ()


@given(steps, st.data())
def test_an_item_that_is_gone_without_a_delete_is_always_noticed(steps, data):
    history = play([("w", 0), *steps])
    keys = sorted(key for key, value in history.final["green"].items() if value)
    assume(keys)
    key = data.draw(st.sampled_from(keys))
    history.final["green"][key] = ()
    assert {finding.key for finding in judge(history)} == {key}
