"""Keeps a throw-away folder, and a PostgreSQL server in it if asked, for exactly as long as the check lives.

    python -I keeper.py [FOLDER OF PROGRAMS]

It makes the folder, starts the server, and says where they are in one line of JSON. When its standard input is closed,
which is what the death of a check looks like, however sudden, it ends the server at once and removes the folder.

PostgreSQL refuses to run as root: then it runs as `nobody`, from a copy if `nobody` cannot reach the programs. It is
run by its path and imports nothing of ours, as `bluegreen/outside/keeper.py`.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import pwd
import secrets
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

LOOK = 0.02
"""Seconds between two looks whether the server is ready."""
PATIENCE = 60.0
"""Seconds that making or starting a server may take."""
SOON = 5.0
"""Seconds that a server has to end."""
ATTEMPTS = 3
"""Another program may take the port that was free a moment ago."""
ACCOUNT = "nobody"
PR_SET_PDEATHSIG = 1
# Nobody will miss the data, so nothing waits for a disk; and nothing needs more memory than a test does.
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "max_connections": "40",
    "shared_buffers": "32MB",
    "max_parallel_workers": "0",
    "wal_level": "logical",  # so that one such server can follow another one
}


class CannotStart(Exception):
    """There will be no server, and why."""


def main(arguments: Sequence[str]) -> int:
    """Returns 0 whatever happened: that is in the line of JSON."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(0))
    folder = Path(tempfile.mkdtemp(prefix="bluegreen-schema-"))
    server = None
    try:
        (folder / "files").mkdir(mode=0o700)
        told: dict[str, Any] = {"folder": str(folder / "files")}
        if arguments:
            server = Server(folder, Path(arguments[0]))
            told |= server.start()
        _tell(told)
        os.read(sys.stdin.fileno(), 1)
    except (CannotStart, OSError, subprocess.SubprocessError) as error:
        _tell({"error": str(error)})
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        if server is not None:
            server.end()
        shutil.rmtree(folder, ignore_errors=True)
    return 0


class Server:
    """A PostgreSQL server in `folder`, by the programs in `programs`."""

    def __init__(self, folder: Path, programs: Path) -> None:
        self._folder, self._programs = folder, programs
        self._data, self._log = folder / "data", folder / "server.log"
        self._account: dict[str, Any] = {}
        self._child: subprocess.Popen[bytes] | None = None

    def start(self) -> dict[str, Any]:
        """Returns where it is. Raises CannotStart, OSError and SubprocessError."""
        if os.geteuid() == 0:
            self._as_nobody()
        password = secrets.token_hex(16)
        self._make(password)
        for _ in range(ATTEMPTS):
            port = _free_port()
            if self._serves(port):
                return {"port": port, "password": password}
        raise CannotStart(f"the server does not start: {self._said()}")

    def end(self) -> None:
        """At once, all of its processes (PostgreSQL documentation, server shutdown: SIGQUIT)."""
        if self._child is None:
            return
        with contextlib.suppress(ProcessLookupError):
            self._child.send_signal(signal.SIGQUIT)
        try:
            self._child.wait(SOON)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()

    # -- how it works ---------------------------------------------------------------------------------------------

    def _as_nobody(self) -> None:
        account = pwd.getpwnam(ACCOUNT)
        self._account = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
        self._folder.chmod(0o711)
        for above in self._folder.parents:
            if not above.stat().st_mode & stat.S_IXOTH:
                raise CannotStart(
                    f"run by root, PostgreSQL runs as {ACCOUNT}, who may not pass through {above}; set TMPDIR to a"
                    " folder that everybody may pass through"
                )
        self._data.mkdir(mode=0o700)
        os.chown(self._data, account.pw_uid, account.pw_gid)
        with contextlib.suppress(OSError):
            asked = subprocess.run(
                [self._programs / "postgres", "--version"],
                check=False,
                capture_output=True,
                timeout=SOON,
                **self._account,
            )
            if asked.returncode == 0:
                return
        self._copy_programs()

    def _copy_programs(self) -> None:
        """With the libraries that a wheel has beside its package, at the same places relative to the programs."""
        whole, copy = self._programs.parent, self._folder / "programs"
        package = whole.parent
        libraries = package.with_name(f"{package.name}.libs")
        ignore = shutil.ignore_patterns("include")
        shutil.copytree(whole, copy / package.name / whole.name, ignore=ignore, symlinks=True)
        if libraries.is_dir():
            shutil.copytree(libraries, copy / libraries.name, symlinks=True)
        for path in (copy, *copy.rglob("*")):
            os.chown(path, self._account["user"], self._account["group"], follow_symlinks=False)
        self._programs = copy / package.name / whole.name / self._programs.name

    def _make(self, password: str) -> None:
        known = self._folder / "password"
        known.write_text(password + "\n", encoding="utf-8")
        known.chmod(0o600)
        if self._account:
            os.chown(known, self._account["user"], self._account["group"])
        made = subprocess.run(
            [
                *(self._programs / "initdb", "--pgdata", self._data, "--username", "postgres", "--no-sync"),
                *("--auth", "scram-sha-256", "--pwfile", known, "--encoding", "UTF8", "--locale", "C"),
            ],
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            cwd=self._folder,
            timeout=PATIENCE,
            **self._account,
        )
        known.unlink()
        if made.returncode:
            raise CannotStart(f"initdb: {_end_of(made.stderr.decode(errors='replace'))}")

    def _serves(self, port: int) -> bool:
        """Start it and wait until it is ready. False when it ended instead."""
        settings = [part for name, value in SETTINGS.items() for part in ("-c", f"{name}={value}")]
        with self._log.open("wb") as log:
            self._child = subprocess.Popen(
                [self._programs / "postgres", "-D", self._data, "-p", str(port), *settings],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self._folder,
                preexec_fn=_end_with_the_keeper,  # noqa: PLW1509  there is but one thread
                **self._account,
            )
        for _ in range(int(PATIENCE / LOOK)):
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._child.wait(LOOK)
                return False
            if self._ready():
                return True
        raise CannotStart(f"the server is not ready after {PATIENCE:g} s: {self._said()}")

    def _ready(self) -> bool:
        """The file's eighth line says so (PostgreSQL source, src/include/utils/pidfile.h)."""
        try:
            lines = (self._data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
        except OSError:
            return False
        return len(lines) > 7 and lines[7].strip() == "ready"

    def _said(self) -> str:
        return _end_of(self._log.read_text(encoding="utf-8", errors="replace"))


def _end_with_the_keeper() -> None:
    """Should even the keeper be killed, the kernel ends the server (Linux, prctl(2))."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGQUIT, 0, 0, 0)


def _free_port() -> int:
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return int(asked.getsockname()[1])


def _end_of(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return " / ".join(lines[-3:]) or "it said nothing"


def _tell(what: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
