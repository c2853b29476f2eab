"""`python -m hepbench.driver`: reads its settings from standard input and lives until that pipe ends.

One JSON line: token, scheduler (address, or null for the serial runner), credentials (null where the scheduler asks for
none), workers and watch {sampling, hook, interval, joinSeconds}.
"""

import json
import os
import sys

from hepbench.credentials import security
from hepbench.driver.server import Server
from hepbench.lifetime import die_with_parent, die_with_pipe, first_line


def main() -> None:
    """Answers with `{"port": ..., "targets": ...}` on standard output, or `{"joined": ...}` when workers are missing.

    Afterwards standard output is for people and goes to the log.
    """
    die_with_parent()
    settings = json.loads(first_line())
    die_with_pipe()
    out = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    server = Server(settings["token"])
    from hepbench.driver.connection import Cluster, WorkersMissingError
    from hepbench.driver.targets import Presence, tell_alone
    from hepbench.driver.trial import Trial

    cluster = None
    if settings["scheduler"] is not None:
        try:
            pair = security(settings["credentials"])
            cluster = Cluster(settings["scheduler"], settings["workers"], settings["watch"], pair)
        except WorkersMissingError as missing:
            print(json.dumps({"joined": missing.joined}), file=out, flush=True)
            return
    if cluster is None:
        tell_alone(server.targets)
    else:
        Presence(cluster.client, cluster.host, server.targets)
    there = [json.loads(line) for line in server.targets.after(0, 0)]
    print(json.dumps({"port": server.port, "targets": there}), file=out, flush=True)
    while (item := server.workloads.get()) is not None:
        Trial(*item, cluster, settings["watch"]).run()


if __name__ == "__main__":
    main()
