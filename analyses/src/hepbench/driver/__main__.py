"""`python -m hepbench.driver`: reads its settings from standard input and lives until that pipe ends.

One JSON line: token, scheduler (address, or null for the serial runner), workers and
watch {sampling, hook, interval, joinSeconds}.
"""

import json
import os
import sys

from hepbench.driver.server import Server
from hepbench.lifetime import die_with_parent, die_with_pipe


def _first_line(fd: int) -> str:
    line = b""
    while not line.endswith(b"\n"):
        byte = os.read(fd, 1)
        if not byte:
            raise SystemExit("hepbench.driver: standard input ended before the settings came")
        line += byte
    return line.decode()


def main() -> None:
    """Answers with `{"port": ...}` on standard output, or with `{"joined": ...}` when workers are missing.

    Afterwards standard output is for people and goes to the log.
    """
    die_with_parent()
    settings = json.loads(_first_line(sys.stdin.fileno()))
    die_with_pipe()
    out = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    server = Server(settings["token"])
    from hepbench.driver.connection import Cluster, WorkersMissingError
    from hepbench.driver.trial import Trial

    cluster = None
    if settings["scheduler"] is not None:
        try:
            cluster = Cluster(settings["scheduler"], settings["workers"], settings["watch"])
        except WorkersMissingError as missing:
            print(json.dumps({"joined": missing.joined}), file=out, flush=True)
            return
    print(json.dumps({"port": server.port, "pid": os.getpid()}), file=out, flush=True)
    while (item := server.workloads.get()) is not None:
        Trial(*item, cluster, settings["watch"]).run()


if __name__ == "__main__":
    main()
