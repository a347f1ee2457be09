"""The error tree.

BlueGreenError
├── UserError            something a person gave us is wrong: what, where, and what else was possible (exit code 4)
│   └── InUse            somebody else is at work on it, so nothing was done (exit code 6)
├── LeaseLost            another engine has taken over: this one acts no more (exit code 5)
└── OperatingError       the outside world answered badly; the loop looks again, and decides
    ├── Throttled        asked too often
    ├── Unreachable      no answer, a timeout, or a 5xx: the call may have taken effect, or not
    ├── Busy             a change is still under way; the same call will be possible later
    ├── Missing          the thing does not exist
    ├── Denied           no permission, or no valid credentials
    └── Refused          AWS says the request is wrong
"""

from __future__ import annotations


class BlueGreenError(Exception):
    """The root: everything this package raises on purpose."""


class UserError(BlueGreenError):
    """Wrong input. The message is for the person who gave it; several problems come as several lines."""


class InUse(UserError):
    """Somebody else is at work on it: who, since when, and what can be done. Nothing was done."""


class LeaseLost(BlueGreenError):
    """Another engine has taken over. Whoever learns this must stop before its next deed, and write nothing more."""


class OperatingError(BlueGreenError):
    """The outside world answered badly. `lasting` says that trying again will not help."""

    lasting = False


class Throttled(OperatingError):
    """Asked too often."""


class Unreachable(OperatingError):
    """No answer, a timeout, or a 5xx: the call may have taken effect, or not."""


class Busy(OperatingError):
    """A change is still under way; the same call will be possible later."""


class Missing(OperatingError):
    """The thing does not exist."""

    lasting = True


class Denied(OperatingError):
    """No permission, or no valid credentials."""

    lasting = True


class Refused(OperatingError):
    """AWS says the request is wrong."""

    lasting = True
