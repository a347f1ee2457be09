"""One source: both versions use the same database, and the engine makes sure that they do.

    data: {kind: same, source: shop-db.abc.eu-west-1.rds.amazonaws.com}

Before the first user is sent to the candidate both slots are asked which database they name: in the user data of their
launch template, in the parameters and outputs of their stack, in the properties of their Beanstalk environment. Or a
check of the team's knows better.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import Field, model_validator

from bluegreen.data.base import Case, Data, Moment, Own, Said, Task, own, shown
from bluegreen.registry import examples

if TYPE_CHECKING:
    from bluegreen.plan import Plan

PROPERTY = "environment property"
"""A place where a Beanstalk environment names its database, before the property's name."""


PATIENCE = timedelta(minutes=10)
"""After so long nobody can tell."""


class Same(Data):
    """Both slots must name `source`. What cannot be found out is no proof: then the rollout goes back, unless the plan
    says that it may go on."""

    model_config = examples({"source": "shop-db.abc.eu-west-1.rds.amazonaws.com"})

    kind: Literal["same"] = "same"
    source: Annotated[str, Field(min_length=4)] | None = None
    """What names the database wherever a slot is told of it: its endpoint, or the name of a secret or table."""
    check: Own | None = None
    """A command that finds out instead."""
    on_unknown: Literal["rollback", "go_on"] = "rollback"
    """What follows when nobody can tell which database a slot uses."""

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.source is None) == (self.check is None):
            raise ValueError("give either source, which both slots must name, or a check of your own")
        return self

    @property
    def by_port(self) -> bool:
        return self.source is not None

    def tasks(self, moment: Moment) -> tuple[Task, ...]:
        if moment != "before-shift":
            return ()
        return own("check", self.check) or (Task("same source"),)

    def judge(self, task: str, case: Case) -> Said:
        view, live, new = case.seen.data, case.rollout.live, case.rollout.candidate
        if view is None:
            why = "where the slots name their database cannot be read"
            return Said("running", why) if case.waited < PATIENCE else self._unclear(why)
        old, named = view.named.get(live, {}), view.named.get(new, {})
        if any(named.values()) and any(old.values()):
            return Said("passed", f"both slots name {self.source} ({new} in {_yes(named)}, {live} in {_yes(old)})")
        elsewhere = sorted(place for place, is_it in old.items() if is_it and named.get(place) is False)
        if elsewhere and not any(named.values()):
            where = " and ".join(elsewhere)
            return Said("failed", f"{live} names {self.source} in its {where}, and {new} does not there")
        unclear = [slot for slot, places in ((live, old), (new, named)) if not any(places.values())]
        looked = [f"{slot} uses: {_looked(view.named.get(slot, {}))}" for slot in unclear]
        return self._unclear("; ".join(f"nobody can tell which database {each}" for each in looked))

    def longest(self, task: str) -> timedelta:
        return PATIENCE

    def undone(self) -> Data | None:
        return self

    def told(self, plan: Plan) -> tuple[str, ...]:
        what = f"both slots must name {self.source}" if self.check is None else f"check ({shown(self.check)})"
        return (f"before the first user: {what}", "point of no return: none by the data, which both versions share")

    def _unclear(self, why: str) -> Said:
        return Said("passed" if self.on_unknown == "go_on" else "unknown", why)


def named_in(source: str, text: str) -> bool:
    """Whether a text names it: shop-db is not named by shop-db-green, nor by my.shop-db; it is by shop-db.abc."""
    return re.search(rf"(?<![\w.-]){re.escape(source)}(?![\w-])", text) is not None


def _yes(places: Mapping[str, bool]) -> str:
    return " and ".join(sorted(place for place, is_it in places.items() if is_it))


def _looked(places: Mapping[str, bool]) -> str:
    return f"it is not named in its {' or '.join(sorted(places))}" if places else "it has nothing that could name one"
