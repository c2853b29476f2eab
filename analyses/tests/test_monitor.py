"""The Python side of the monitor as its parent sees it: a process that writes events into a pipe."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from queue import Empty, Queue
from threading import Thread
from typing import Any

import cloudpickle
import jsonschema
import pytest
from distributed import Client

from hepbench import agent, lease, monitor
from hepbench.driver import clock
from hepbench.events import Events

SCHEMA = json.loads((Path(__file__).parents[2] / "core" / "model" / "event.schema.json").read_text())
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
AHEAD_SECONDS = 50
# A worker that stands for one on another host: it has another address and a clock of its own.
OTHER_HOST = f"""
import sys, time
right = time.time
time.time = lambda: right() + {AHEAD_SECONDS}
from hepbench import cluster
cluster.HOST = "127.0.0.2"
cluster.main()
"""
# A worker whose clock is set when a file is made.
STEPPING = f"""
import os, sys, time
right, file = time.time, sys.argv.pop(1)
time.time = lambda: right() + ({AHEAD_SECONDS} if os.path.exists(file) else 0)
from hepbench import cluster
cluster.main()
"""
# A monitor to which no worker tells the time, and that says when samples have come.
WITHOUT_CLOCKS = """
import asyncio
from hepbench import monitor
from hepbench.driver import clock
clock.Clocks._read = lambda self, address: asyncio.sleep(3600)
monitor.LOOK_SECONDS = 0.1
receive = monitor.Watch._receive
def tell(watch, event):
    receive(watch, event)
    watch._events.add("warning", code="RECEIVED", message="")
monitor.Watch._receive = tell
monitor.main()
"""
# One that looks at the workers so often that what each look leaves would be seen.
EAGER = """
from hepbench import monitor
monitor.LOOK_SECONDS = 0.02
monitor.main()
"""
GIVE_UP_SECONDS = 120


class Part:
    """A process of which each line of standard output is JSON."""

    def __init__(self, *arguments: str) -> None:
        environment = {**os.environ, "HEPBENCH_PARENT_PID": str(os.getpid())}
        pipe = subprocess.PIPE
        self.process = subprocess.Popen([sys.executable, *arguments], stdin=pipe, stdout=pipe, env=environment)
        self.lines: Queue[Any] = Queue()
        Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.put(json.loads(line))

    def say(self, value: Any) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{json.dumps(value)}\n".encode())
        self.process.stdin.flush()

    def until(self, wanted: Callable[[Any], bool]) -> list[Any]:
        """All lines from the last one that was read to the first that is wanted."""
        seen: list[Any] = []
        end = time.monotonic() + GIVE_UP_SECONDS
        while not seen or not wanted(seen[-1]):
            try:
                seen.append(self.lines.get(timeout=end - time.monotonic()))
            except (Empty, ValueError):
                raise AssertionError(f"waited in vain after {seen}") from None
        return seen


Start = Callable[..., Part]


@pytest.fixture
def start() -> Iterator[Start]:
    with ExitStack() as parts:

        def part(*arguments: str) -> Part:
            new = Part(*arguments)
            parts.callback(new.process.wait)
            parts.callback(new.process.kill)
            return new

        yield part


def a_scheduler(start: Start) -> str:
    return start("-m", "hepbench.cluster", "scheduler").until(lambda line: "address" in line)[-1]["address"]


def a_monitor(start: Start, address: str, *program: str) -> Part:
    monitor = start(*(program or ("-m", "hepbench.monitor")))
    monitor.say({"scheduler": address, "interval": 0.1})
    monitor.until(lambda line: "pid" in line)
    return monitor


def check(lines: list[Any]) -> None:
    """All lines of a monitor so far: events of the schema, numbered without a gap."""
    last: Counter[str] = Counter()
    for line in lines:
        VALIDATOR.validate(line)
        assert line["seq"] == last[line["source"]] + 1, line
        last[line["source"]] = line["seq"]


def wait_until(condition: Callable[[], bool]) -> None:
    give_up = time.monotonic() + GIVE_UP_SECONDS
    while not condition():
        assert time.monotonic() < give_up
        time.sleep(0.2)


def is_sample(line: Any) -> bool:
    return line.get("type") == "sample"


def test_samples_of_a_worker_whose_clock_is_ahead_carry_the_time_of_the_scheduler(start: Start) -> None:
    address = a_scheduler(start)
    frozen = start("-m", "hepbench.cluster", "worker", "--scheduler", address, "--name", "frozen")
    ahead = start("-c", OTHER_HOST, "worker", "--scheduler", address, "--name", "ahead")
    for worker in (frozen, ahead):
        worker.until(lambda line: "worker" in line)
    first = a_monitor(start, address)
    first.until(is_sample)
    # A second monitor finds agents that send already, and one worker that does not answer.
    frozen.process.send_signal(signal.SIGSTOP)
    monitor = a_monitor(start, address)
    lines = [line for _ in range(5) for line in monitor.until(is_sample)]
    (clock,) = [line for line in lines if line.get("type") == "clock"]
    assert clock["worker"] == "ahead"
    # Both clocks are one, and the half of a round trip is the most that a reading may be off.
    assert clock["offsetSeconds"] == pytest.approx(-AHEAD_SECONDS, abs=clock["errorSeconds"])
    assert clock["errorSeconds"] > 0
    samples = list(filter(is_sample, lines))
    assert {sample["target"] for sample in samples} == {"ahead"}
    assert all(abs(sample["t"] - time.time()) < AHEAD_SECONDS / 2 for sample in samples)
    # The second takes over while what the first brought cannot be taken out of the frozen worker yet.
    with Client(address, timeout=60) as typed:
        client: Any = typed
        _, owner = client.run_on_scheduler(lease.look)
        first.process.kill()
        wait_until(lambda: client.run_on_scheduler(lease.look)[1] not in (owner, None))
    frozen.process.send_signal(signal.SIGCONT)
    monitor.until(partial(is_of, is_sample, "frozen"))


def test_samples_whose_worker_left_before_its_clock_was_read_are_left_out_and_it_is_said(start: Start) -> None:
    address = a_scheduler(start)
    worker = start("-c", OTHER_HOST, "worker", "--scheduler", address, "--name", "brief")
    worker.until(lambda line: "worker" in line)
    monitor = a_monitor(start, address, "-c", WITHOUT_CLOCKS)
    monitor.until(lambda line: line.get("code") == "RECEIVED")
    worker.process.kill()
    lines = monitor.until(lambda line: line.get("code") == "SAMPLES_LEFT_OUT")
    assert not any(map(is_sample, lines))
    assert re.fullmatch(r"[1-9]\d* samples of worker brief .* its clock could not be read", lines[-1]["message"])


def test_samples_follow_a_clock_that_is_set_and_it_is_said(start: Start, tmp_path: Path) -> None:
    address, file = a_scheduler(start), tmp_path / "set"
    for name in ("w0", "w1"):
        worker = start("-c", STEPPING, str(file), "worker", "--scheduler", address, "--name", name)
        worker.until(lambda line: "worker" in line)
    monitor = a_monitor(start, address)
    lines = monitor.until(is_sample)
    file.touch()

    def is_ahead(line: Any) -> bool:
        return is_sample(line) and line["t"] > time.time() + AHEAD_SECONDS / 2

    lines += [line for name in ("w0", "w1") for line in monitor.until(partial(is_of, is_ahead, name))]
    check(lines)
    (warning,) = [line for line in lines if line.get("type") == "warning"]
    assert warning["code"] == "CLOCK_STEPPED"
    assert f"the clock of 127.0.0.1 was set by +{AHEAD_SECONDS}.0" in warning["message"]


def is_of(wanted: Callable[[Any], bool], target: str, line: Any) -> bool:
    return wanted(line) and line["target"] == target


def in_worker(dask_worker: Any) -> list[str]:
    return sorted(name for name in [*sys.modules, *dask_worker.plugins] if "hepbench" in name)


def on_scheduler(dask_scheduler: Any) -> dict[str, Any]:
    """What is there of monitors, and the functions that clients made the scheduler run."""
    topics = dask_scheduler._broker._topics
    ran = [event for _, event in topics["all"].events if event.get("action") == "run-function"]
    return {
        "plugins": [name for name in [*dask_scheduler.plugins, *dask_scheduler.worker_plugins] if "hepbench" in name],
        "subscribers": [one for topic in topics.values() for one in topic.subscribers if "hepbench" in one],
        "events": len(topics[agent.TOPIC].events),
        "functions": len(ran),
    }


def test_monitors_leave_nothing_on_the_scheduler_or_in_the_workers_and_hardly_a_line_in_its_log(start: Start) -> None:
    address = a_scheduler(start)
    worker = start("-m", "hepbench.cluster", "worker", "--scheduler", address, "--name", "w0")
    worker.until(lambda line: "worker" in line)
    # The functions of this file are sent by value.
    cloudpickle.register_pickle_by_value(sys.modules[__name__])
    with Client(address, timeout=60) as typed:
        client: Any = typed
        (before,) = client.run(in_worker).values()
        for end in ("killed", "told"):
            monitor = a_monitor(start, address, "-c", EAGER)
            for _ in range(20):
                monitor.until(is_sample)
            if end == "killed":
                monitor.process.kill()
            else:
                assert monitor.process.stdin is not None
                monitor.process.stdin.close()
            monitor.process.wait(GIVE_UP_SECONDS)
        wait_until(lambda: is_clean(client.run_on_scheduler(on_scheduler)))
        wait_until(lambda: list(client.run(in_worker).values()) == [before])


def is_clean(left: dict[str, Any]) -> bool:
    # The monitors looked hundreds of times.
    return left.pop("functions") < 50 and left == {"plugins": [], "subscribers": [], "events": 0}


def test_a_cluster_with_tls_is_not_reached_without_certificates_and_the_variables_are_named() -> None:
    with pytest.raises(TypeError) as raised:
        monitor._other_versions("tls://127.0.0.1:1")
    for name in ("CA_FILE", "CLIENT__CERT", "CLIENT__KEY"):
        assert f"DASK_DISTRIBUTED__COMM__TLS__{name}" in monitor.problem_of(raised.value)
    assert monitor.problem_of(OSError("gone")) == "OSError: gone"


class Agents:
    """A watch whose scheduler is not there: what agents send is all that it sees."""

    def __init__(self) -> None:
        self.lines: list[dict[str, Any]] = []
        self.watch = monitor.Watch.__new__(monitor.Watch)
        fields: dict[str, Any] = {
            "_events": Events("monitor", time.time, lambda line: self.lines.append(json.loads(line))),
            "_clocks": type("Clocks", (), {"offset": lambda _self, _address: clock.SAME})(),
            "_wall_ahead": {},
            "_told": {},
            "_last": {},
        }
        vars(self.watch).update(fields)

    def send(self, seq: int, *values: float) -> None:
        events = [{"type": "sample", "t": 1.0, "values": {"rss_bytes": value}} for value in values]
        self.watch._receive({"address": "tcp://h:1", "name": "w0", "wall_ahead": 0.0, "seq": seq, "events": events})

    def warnings(self) -> list[str]:
        check(self.lines)
        return [f"{line['code']} {line['message']}" for line in self.lines if line["type"] == "warning"]


def test_events_of_an_agent_that_do_not_arrive_are_told_and_a_new_agent_counts_anew() -> None:
    agents = Agents()
    agents.send(41, 1, 2)  # one that another monitor brought has sent for a while
    agents.send(43, 1)
    assert agents.warnings() == []
    agents.send(47, 1)
    assert agents.warnings() == ["AGENT_EVENTS_LOST 3 events of the agent of worker w0 did not arrive"]
    agents.send(1, 1)
    agents.send(2, 1)
    assert len(agents.warnings()) == 1


def test_a_reading_that_is_not_finite_is_told_and_the_others_are_written_without_a_gap() -> None:
    agents = Agents()
    agents.send(1, 1, float("nan"), 3)
    message = "an event of type sample from agent/w0 holds a number that is not finite"
    assert agents.warnings() == [f"SAMPLE_REFUSED {message}"]
    assert [line["seq"] for line in agents.lines if is_sample(line)] == [1, 2]
