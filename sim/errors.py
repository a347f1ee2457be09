"""How the rehearsed AWS says no, and how the rehearsal says that it does not know."""

from __future__ import annotations


class NotModelled(AssertionError):
    """Neither we nor moto know how AWS answers here: the rehearsal must learn it before it can be trusted."""


class AwsError(Exception):
    """What AWS answers when it refuses: the service's error code, its words, the HTTP status."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status
