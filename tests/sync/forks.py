"""A process of its own, which has imported what `bluegreen sync` needs: for each line on its standard input it forks
one that runs the command with the line's arguments, and prints its process id; when that has ended, its exit code."""

import os
import shlex
import sys

import boto3

from bluegreen.aws.sync import wiring
from bluegreen.cli import _sync, main
from bluegreen.sync import telling

assert wiring and _sync and telling, "imported once, for all of them"
boto3.Session().client("dynamodb")
boto3.Session().client("dynamodbstreams")
for line in sys.stdin:
    child = os.fork()
    if child == 0:
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, 1)
        main(shlex.split(line))
    print(child, flush=True)
    ended, status = os.waitpid(child, 0)
    assert ended == child
    print(os.waitstatus_to_exitcode(status), flush=True)
