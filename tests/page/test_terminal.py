"""The picture in the terminal: the same as the page's, legible without colour."""

import io

from rich.console import Console

from bluegreen.live.followed import Followed
from bluegreen.live.source import Told
from bluegreen.live.terminal import Screen, look

from .conftest import TALE


def known(lines):
    source = Told(None)
    for line in lines:
        source.line(line)
    return Followed(source)


def shown(followed, width=110):
    console = Console(width=width, no_color=True, force_terminal=False, file=io.StringIO(), legacy_windows=False)
    console.print(look(followed))
    return console.file.getvalue()


def test_the_picture_tells_phase_shares_gates_and_the_last_decisions_in_words():
    followed = known(TALE[:100])
    said = shown(followed)
    standing = followed.standing()
    assert str(standing.rollout.phase) in said
    assert all(judgement.why in said for judgement in standing.judgements)
    assert "by weight" in said and "realised" in said and "%" in said and "█" in said and "░" in said
    assert "last decisions" in said and "healthy" in said
    assert "\x1b" not in said


def test_the_picture_fits_a_narrow_terminal():
    assert all(len(line) <= 60 for line in shown(known(TALE[:100]), width=60).splitlines())


def test_before_anything_has_happened_there_is_no_picture():
    assert look(known([TALE[0]])) is None


def test_words_that_look_like_markup_stay_words():
    hostile = [line.replace('"why":"', '"why":"[bold]x[/nothing] ') for line in TALE[:100]]
    assert "[/nothing]" in shown(known(hostile))


def test_what_cannot_be_read_is_said_and_the_screen_goes_on():
    assert "this cannot be read now: line 41: this is not a line of a trace" in shown(known([*TALE[:40], "{"]))


def test_the_screen_leaves_the_last_picture_there():
    console = Console(width=110, force_terminal=True, file=io.StringIO(), color_system=None)
    with Screen(known(TALE), console):
        pass
    assert "rolled back" in console.file.getvalue()
