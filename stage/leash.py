"""Becomes another program, which the kernel kills when its parent dies.

    python leash.py PARENT PROGRAM ARGUMENT...

Every process of the stage is started through this file: whoever of them is killed, by whatever signal, those that it
started go with it, and theirs with them (Linux: prctl(2), PR_SET_PDEATHSIG; it outlives execve(2)). Nobody has to
clean up, so nobody who dies can forget to.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main(arguments: list[str]) -> None:
    parent, *command = arguments
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0):
        sys.exit(f"prctl: {os.strerror(ctypes.get_errno())}")
    if os.getppid() != int(parent):  # it died before the kernel was told
        sys.exit(1)
    os.execvp(command[0], command)


if __name__ == "__main__":
    main(sys.argv[1:])
