"""The agent read against known sources: burners in a real Dask cluster, and precooked /proc and cgroup folders."""

import contextlib
import importlib
import io
import itertools
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import burners
import cloudpickle
import distributed.worker
import numpy as np
import pytest
import uproot
from distributed import Client, LocalCluster
from distributed.spill import SpillBuffer

from hepbench import agent
from hepbench.agent import Agent, Sampler, flush_worker
from hepbench.driver.tasks import results_held

PROC = Path(__file__).parent / "fixtures" / "proc"
METER_FIELDS = {
    *("wallSeconds", "cpuSeconds", "processCpuSeconds", "runQueueSeconds", "readSeconds", "readCpuSeconds"),
    *(
        "compileSeconds",
        "compileCpuSeconds",
        "openSeconds",
        "openCpuSeconds",
        "handoverCpuSeconds",
        "bytesRead",
        "readCalls",
        "rcharBytes",
        "blockReadBytes",
    ),
}


class Watched:
    """A client, and everything that the agents of its workers have sent."""

    def __init__(self, client: Any, group: Path | None) -> None:
        self.client = client
        self.group = group
        self.messages: list[dict[str, Any]] = []
        self.numbers = itertools.count()
        client.subscribe_topic(agent.TOPIC, lambda event: self.messages.append(event[1]))

    def flush(self) -> list[dict[str, Any]]:
        """Flushes, waits until the last event has come, and gives all events of the present agent."""
        (last,) = self.client.run(flush_worker).values()
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            first = max((i for i, m in enumerate(self.messages) if m["seq"] == 1), default=0)
            events = [event for message in self.messages[first:] for event in message["events"]]
            if events and events[-1]["seq"] == last:
                return events
            time.sleep(0.01)
        raise AssertionError(f"event {last} did not arrive")

    def sample(self) -> dict[str, float]:
        return [event for event in self.flush() if event["type"] == "sample"][-1]["values"]

    def run(self, function: Callable[..., Any], *args: Any) -> tuple[Any, dict[str, Any]]:
        """Result of a task and its meter."""
        key = f"burner-{next(self.numbers)}"
        future = self.client.submit(function, *args, key=key, pure=False)
        result = future.exception() or future.result()
        (meter,) = [event["meter"] for event in self.flush() if event.get("key") == key]
        return result, meter


def make_group(pid: int) -> Path | None:
    """A cpuacct cgroup (v1) or a cpu cgroup (v2) for one process; None where that is not allowed."""
    folder = Path("/sys/fs/cgroup/cpuacct" if Path("/sys/fs/cgroup/cpuacct").exists() else "/sys/fs/cgroup")
    group = folder / f"hepbench-test-{os.getpid()}"
    try:
        group.mkdir()
        (group / "cgroup.procs").write_text(str(pid))
    except OSError as error:
        print(f"no cgroup for the test: {error}")
        return None
    return group


@pytest.fixture(scope="module")
def watched() -> Iterator[Watched]:
    with (
        LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=":0", memory_limit=0) as cluster,
        Client(cluster) as client,
    ):
        watched = Watched(client, None)
        (pid,) = watched.client.run(os.getpid).values()
        watched.group = group = make_group(pid)
        client.get_task_stream()
        client.register_plugin(Agent(interval=1.0))
        yield watched
    if group:
        deadline = time.monotonic() + 10
        while (group / "cgroup.procs").read_text() and time.monotonic() < deadline:
            time.sleep(0.1)
        group.rmdir()


@pytest.fixture(scope="module")
def root_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("data") / "t.root"
    values = np.random.default_rng(1).integers(0, 1 << 20, 200_000)
    with uproot.recreate(path) as file:
        file.mktree("t", {"x": values.dtype, "y": values.dtype}).extend({"x": values, "y": values[::-1]})
    return path


def outside_cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_cpu_seconds_agree_with_proc_and_cgroup_from_outside(watched: Watched) -> None:
    if watched.group is None:
        pytest.skip("a cgroup of its own needs root and a writable cgroup file system")
    (pid,) = watched.client.run(os.getpid).values()
    before, outside = watched.sample(), outside_cpu_seconds(pid)
    burnt, meter = watched.run(burners.burn, 2.0)
    after = watched.sample()
    outside = outside_cpu_seconds(pid) - outside
    seen = {name: after[name] - before[name] for name in after if name.endswith("cpu_seconds_total")}
    assert meter["cpuSeconds"] == pytest.approx(burnt, rel=0.02)
    # Dask's profiler and event loop run meanwhile: up to 5 % on a loaded machine.
    assert burnt <= meter["processCpuSeconds"] < 1.15 * burnt
    assert seen["cpu_seconds_total"] == pytest.approx(outside, rel=0.05)
    assert seen["cgroup_cpu_seconds_total"] == pytest.approx(outside, rel=0.05)
    assert meter["processCpuSeconds"] == pytest.approx(outside, rel=0.05)
    # Of the time, not of the worker's CPU: samples come by the clock, however little CPU others leave the worker.
    share = seen["agent_cpu_seconds_total"] / meter["wallSeconds"]
    print(f"CPU of the instruments: {share:.3%} of a core")
    assert share < 0.01


def test_sleep_is_neither_cpu_nor_waiting_for_a_core(watched: Watched) -> None:
    _, meter = watched.run(burners.sleep, 0.4)
    assert meter["wallSeconds"] == pytest.approx(0.4, abs=0.2)
    assert meter["cpuSeconds"] < 0.02
    assert meter["runQueueSeconds"] < 0.1
    assert meter["compileSeconds"] == 0


def test_a_lock_held_by_another_thread_is_off_cpu_and_not_read(watched: Watched) -> None:
    _, meter = watched.run(burners.wait_for_lock, 0.4)
    assert meter["wallSeconds"] > 0.38
    assert meter["cpuSeconds"] < 0.05
    assert meter["readSeconds"] == 0


def test_a_metered_read_is_seen_off_and_on_cpu(watched: Watched, tmp_path: Path) -> None:
    path = tmp_path / "known"
    path.write_bytes(os.urandom(4_000_000))
    (size, seconds), meter = watched.run(burners.read_file, path, 0.2)
    assert size == 4_000_000
    assert meter["readSeconds"] == pytest.approx(seconds, rel=0.02)
    assert meter["readSeconds"] - meter["readCpuSeconds"] > 0.19
    assert meter["rcharBytes"] == pytest.approx(size, rel=0.05)


def test_memory_is_seen_while_it_is_held(watched: Watched) -> None:
    before = watched.sample()["rss_bytes"]
    watched.run(burners.allocate, 300_000_000, 1.5)
    peak = max(event["values"]["rss_bytes"] for event in watched.flush() if event["type"] == "sample")
    assert peak - before == pytest.approx(300_000_000, rel=0.1)


def test_an_erred_task_is_metered_too(watched: Watched) -> None:
    error, meter = watched.run(burners.burn_and_fail, 0.1)
    assert str(error) == "burnt"
    assert meter.keys() == METER_FIELDS
    assert 0.1 <= meter["cpuSeconds"] < 0.3  # with the formatting of the traceback


def test_an_import_is_compilation_once(watched: Watched, tmp_path: Path) -> None:
    (tmp_path / "slow_module.py").write_text("import burners\nburners.burn(0.3)\n")
    seconds, meter = watched.run(burners.import_module, tmp_path, "slow_module")
    assert meter["compileSeconds"] == pytest.approx(seconds, rel=0.1)
    assert meter["compileCpuSeconds"] == pytest.approx(0.3, rel=0.1)
    _, meter = watched.run(burners.import_module, tmp_path, "slow_module")
    assert meter["compileSeconds"] == 0


def test_compilation_timed_by_others_is_added(watched: Watched) -> None:
    _, meter = watched.run(burners.compile_elsewhere, 3.0, 2.0)
    assert (meter["compileSeconds"], meter["compileCpuSeconds"]) == (3.0, 2.0)


def test_uproot_bytes_are_those_of_its_source(watched: Watched, root_file: Path) -> None:
    watched.run(burners.read_with_uproot, root_file)  # imports uproot
    before = watched.sample()["uproot_read_bytes_total"]
    (total, requested), meter = watched.run(burners.read_with_uproot, root_file)
    assert total > 0
    assert before == meter["bytesRead"] == requested
    assert 0 < meter["readCpuSeconds"] <= meter["readSeconds"] < meter["wallSeconds"]
    assert meter["compileSeconds"] == 0
    assert watched.sample()["uproot_read_bytes_total"] == 2 * requested


def test_cling_and_rdataframe_are_seen_to_compile_and_to_read(watched: Watched, root_file: Path) -> None:
    watched.run(burners.compile_cpp, 1)  # ROOT starts
    seconds, meter = watched.run(burners.compile_cpp, 2)
    assert meter["compileSeconds"] == pytest.approx(seconds, rel=0.1)
    assert meter["compileCpuSeconds"] > 0
    before = watched.sample()
    (total, requested), meter = watched.run(burners.read_with_rdataframe, root_file)
    after = watched.sample()
    assert total > 0
    assert meter["bytesRead"] == requested > 100_000
    assert after["root_read_bytes_total"] - before["root_read_bytes_total"] == requested
    assert 0 < meter["readSeconds"] < meter["wallSeconds"]
    assert meter["readCpuSeconds"] <= meter["readSeconds"]
    assert 0.02 < meter["compileCpuSeconds"] <= meter["compileSeconds"] < meter["wallSeconds"]
    print("first RDataFrame:", json.dumps(meter))
    _, meter = watched.run(burners.read_with_rdataframe, root_file)
    print("second RDataFrame:", json.dumps(meter))
    (unavailable,) = {tuple(message["unavailable"]) for message in watched.messages[-1:]}
    assert not set(unavailable) & METER_FIELDS


def distributed_rdataframe(watched: Watched, path: Path) -> dict[str, float]:
    """Meter of the one event-processing task of a distributed RDataFrame."""
    ROOT: Any = importlib.import_module("ROOT")
    frame = ROOT.RDataFrame("t", str(path), executor=watched.client, npartitions=1)
    histogram = frame.Define("thrice", "3 * x").Histo1D(("h", "h", 10, 0, 1e6), "thrice")
    with contextlib.redirect_stdout(io.StringIO()):  # a progress bar
        assert histogram.GetEntries() == 200_000
    events = [event for event in watched.flush() if event["type"] == "meter"]
    return [event["meter"] for event in events if event["key"].startswith("dask_mapper")][-1]


def test_nearly_all_of_a_first_distributed_rdataframe_is_compilation(watched: Watched, root_file: Path) -> None:
    first, second = (distributed_rdataframe(watched, root_file) for _ in range(2))
    print("distributed RDataFrame:", json.dumps([first, second]))
    extra = first["cpuSeconds"] - second["cpuSeconds"]
    assert extra > 0.2
    assert first["compileCpuSeconds"] == pytest.approx(extra, rel=0.15)
    assert second["compileCpuSeconds"] < 0.02


def test_what_opening_and_handing_over_cost_a_distributed_rdataframe_is_seen_there(
    watched: Watched, root_file: Path
) -> None:
    distributed_rdataframe(watched, root_file)
    plain = distributed_rdataframe(watched, root_file)
    watched.client.run(burners.plant, "ROOT._distrdf.Ranges", "get_clustered_range_from_percs", 0.3)
    watched.client.run(burners.plant, "ROOT._distrdf.Backends.Utils", "get_mergeablevalue", 0.2)
    planted = distributed_rdataframe(watched, root_file)
    print("opening and handing over:", json.dumps([plain, planted]))
    assert 0 < plain["openCpuSeconds"] < 0.1
    assert 0 < plain["handoverCpuSeconds"] < 0.15
    more = {field: planted[field] - plain[field] for field in plain}
    assert more["openCpuSeconds"] == pytest.approx(0.3, abs=0.05)
    # Beyond the CPU: what other threads held Python's lock.
    assert more["openCpuSeconds"] - 0.01 <= more["openSeconds"] < 2 * more["openCpuSeconds"]
    assert more["handoverCpuSeconds"] == pytest.approx(0.2, abs=0.05)
    assert more["cpuSeconds"] == pytest.approx(0.5, abs=0.1)
    assert abs(more["compileSeconds"]) < 0.05
    assert abs(more["readCpuSeconds"]) < 0.05


def test_files_that_an_event_loop_opens_are_opened(watched: Watched, root_file: Path) -> None:
    watched.run(burners.read_with_rdataframe, root_file)
    _, one = watched.run(burners.read_with_rdataframe, root_file)
    _, more = watched.run(burners.read_with_rdataframe, *[root_file] * 20)
    # Not of the first file: RDataFrame opens it when it is made, which nothing hooks outside a distributed one.
    assert one["openCpuSeconds"] == 0
    assert one["handoverCpuSeconds"] > 0
    assert 0.001 < more["openCpuSeconds"] < more["cpuSeconds"] - more["compileCpuSeconds"]


def test_no_event_is_lost_and_keys_are_those_of_the_task_stream(watched: Watched) -> None:
    futures = watched.client.map(abs, range(50), key=[("tuple-key", i) for i in range(50)])
    watched.client.gather(futures)
    events = watched.flush()
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    metered = {event["key"]: event for event in events if event["type"] == "meter"}
    stream = {str(row["key"]): row for row in watched.client.get_task_stream()}
    assert set(stream) >= {str(("tuple-key", i)) for i in range(50)}
    assert set(metered) >= set(stream)
    for key, row in stream.items():
        (times,) = [x for x in row["startstops"] if x["action"] == "compute"]
        delay = metered[key]["scheduler_delay"]
        assert metered[key]["start"] + delay == pytest.approx(times["start"], abs=0.05)
        assert metered[key]["stop"] + delay == pytest.approx(times["stop"], abs=0.05)


def patched() -> dict[str, bool]:
    bootstrap: Any = sys.modules["_frozen_importlib"]
    return {
        "task": distributed.worker._run_task.__name__ != "_run_task",
        "import": bootstrap._find_and_load.__name__ != "_find_and_load",
        "uproot": sys.modules["uproot"].FSSpecSource.chunks.__name__ != "chunks",
        "cling": type(vars(sys.modules["ROOT"].TInterpreter)["Declare"]).__name__ == "function",
        "thread": any(agent.NAME in thread.name for thread in threading.enumerate()),
    }


def test_teardown_restores_everything_and_the_switches_work(watched: Watched) -> None:
    client = watched.client
    assert set(client.submit(patched, pure=False).result().items()) == {
        (name, True) for name in ("task", "import", "uproot", "cling", "thread")
    }
    client.unregister_worker_plugin(agent.NAME)
    assert not any(client.submit(patched, pure=False).result().values())
    assert list(client.run(flush_worker).values()) == [None]

    client.register_plugin(Agent(sampling=False))
    _, meter = watched.run(burners.burn, 0.05)
    assert meter["cpuSeconds"] == pytest.approx(0.05, rel=0.2)
    assert {event["type"] for event in watched.flush()} == {"meter"}
    client.register_plugin(Agent(metering=False))  # takes the place of the other
    client.submit(burners.burn, 0.05, pure=False).result()
    assert {event["type"] for event in watched.flush()} == {"sample"}
    assert not client.submit(patched, pure=False).result()["task"]


def test_the_plugin_can_be_shipped_by_value() -> None:
    cloudpickle.register_pickle_by_value(agent)
    try:
        shipped = cloudpickle.dumps((Agent(interval=0.5), Sampler, agent.TaskMeter))
    finally:
        cloudpickle.unregister_pickle_by_value(agent)
    code = """
import cloudpickle, sys
plugin, Sampler, TaskMeter = cloudpickle.load(sys.stdin.buffer)
assert "hepbench" not in sys.modules
meter = TaskMeter(); meter.start(); fields = meter.stop()
print(plugin.interval, Sampler(print).read()["rss_bytes"] > 0, fields["wallSeconds"] >= 0)
"""
    ran = subprocess.run([sys.executable, "-I", "-c", code], input=shipped, capture_output=True, timeout=60, check=True)
    assert ran.stdout.decode().split() == ["0.5", "True", "True"]


def another_version(dask_worker: Any, change: str) -> tuple[bool, str]:
    """Sets up an agent beside a Dask whose `_run_task` is another one."""
    original = distributed.worker._run_task
    if change == "missing":
        del distributed.worker._run_task
    else:
        distributed.worker._run_task = lambda something, else_: None  # pyright: ignore
    plugin = Agent(sampling=False)
    try:
        before = getattr(distributed.worker, "_run_task", None)
        plugin.setup(dask_worker)
        untouched = before is getattr(distributed.worker, "_run_task", None)
        plugin.teardown(dask_worker)
        return untouched, agent.current().unavailable["meter"]
    finally:
        distributed.worker._run_task = original


@pytest.mark.parametrize("change", ["missing", "other signature"])
def test_another_version_of_dask_goes_unmetered(watched: Watched, change: str) -> None:
    watched.client.unregister_worker_plugin(agent.NAME)
    ((untouched, reason),) = watched.client.run(another_version, change=change).values()
    watched.client.register_plugin(Agent())
    assert untouched
    assert "does not exist or has another signature" in reason


# --- precooked folders ---


def read(folder: str) -> tuple[dict[str, float], dict[str, str]]:
    sampler = Sampler(print, root=str(PROC / folder))
    return sampler.read(), sampler.unavailable


def test_cgroup_v2_of_a_pod_is_read() -> None:
    values, unavailable = read("v2/1")
    expected = {
        "cpu_user_seconds_total": 12.34,
        "cpu_system_seconds_total": 0.56,
        "run_queue_seconds_total": 3.0,
        "threads": 2,
        "rss_bytes": 5000 * 4096,
        "rss_high_water_bytes": 24000 * 1024,
        "pss_bytes": 12000 * 1024,
        "rchar_bytes_total": 1000,
        "wchar_bytes_total": 200,
        "block_read_bytes_total": 4096,
        "block_write_bytes_total": 512,
        "network_receive_bytes_total": 70000,
        "network_transmit_bytes_total": 8000,
        "loopback_receive_bytes_total": 500,
        "cgroup_cpu_seconds_total": 12.9,
        "cgroup_throttled_seconds_total": 0.25,
        "cgroup_throttled_periods_total": 7,
        "cgroup_memory_bytes": 300_000_000,
        "cgroup_memory_working_set_bytes": 200_000_000,
        "cgroup_memory_limit_bytes": 2 << 30,
    }
    assert {name: values[name] for name in expected} == expected
    assert set(unavailable) <= {"framework_read_bytes_total", "framework_read_calls_total", "spilled_bytes"}


def test_cgroup_v1_of_a_container_is_read_and_no_limit_is_no_number() -> None:
    values, unavailable = read("v1/1")
    assert values["cgroup_cpu_seconds_total"] == 1.25
    assert values["cgroup_throttled_seconds_total"] == 1.5
    assert values["cgroup_throttled_periods_total"] == 3
    assert values["cgroup_memory_working_set_bytes"] == 300_000
    assert "cgroup_memory_limit_bytes" not in values
    assert "no limit" in unavailable["cgroup_memory_limit_bytes"]


def test_on_a_hybrid_host_each_controller_is_read_where_it_is_and_what_is_missing_has_a_reason() -> None:
    values, unavailable = read("hybrid/1")
    assert values["cgroup_cpu_seconds_total"] == 3.0
    assert values["cgroup_memory_bytes"] == 900
    assert values["cgroup_memory_working_set_bytes"] == 0
    assert values["cgroup_memory_limit_bytes"] == 4096
    missing = {"run_queue_seconds_total", "pss_bytes", "rss_high_water_bytes", "cgroup_throttled_seconds_total"}
    assert not missing & values.keys()
    assert missing <= unavailable.keys()


def test_counters_never_fall_and_threads_that_ended_still_count(tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.symlink_to(PROC / "v2/1")
    sampler = Sampler(print, root=str(root))
    sampler.read()
    root.unlink()
    root.symlink_to(PROC / "v2/2")
    values = sampler.read(pss=True)
    assert values["cpu_user_seconds_total"] == 12.34  # the file says 12.00
    assert values["run_queue_seconds_total"] == pytest.approx(2.5 + 1.0 + 0.25)  # id 4250 was used again
    assert values["rchar_bytes_total"] == 3000
    assert values["cgroup_throttled_seconds_total"] == 0.75


def test_pss_is_read_at_the_start_and_on_request_only() -> None:
    sampler = Sampler(print, root=str(PROC / "v2/1"))
    assert ["pss_bytes" in sampler.read(pss=pss) for pss in (False, False, True, False)] == [True, False, True, False]


def test_a_sampler_works_without_dask_and_keeps_its_interval() -> None:
    samples: list[tuple[float, dict[str, float]]] = []
    sampler = Sampler(lambda t, values: samples.append((t, values)), interval=0.1)
    start = time.time()
    sampler.start()
    # Beside a busy thread and on a busy machine samples come late, and none is made up for.
    while len(samples) < 3 and time.time() < start + 20:
        burners.burn(0.2)
    sampler.stop()
    end = time.time()
    assert 3 <= len(samples) <= (end - start) / 0.1 + 1
    assert start <= samples[0][0] < samples[-1][0] <= end
    counters = [values["cpu_seconds_total"] for _, values in samples]
    assert counters == sorted(counters)


def test_what_a_worker_spilled_is_sampled_and_a_worker_that_cannot_spill_says_so(tmp_path: Path) -> None:
    store = SpillBuffer(str(tmp_path), target=1000)
    sampler = Sampler(lambda t, values: None, store=store)
    assert sampler.read()["spilled_bytes"] == 0
    store["a"], store["b"] = np.zeros(100), np.zeros(100)
    assert sampler.read()["spilled_bytes"] == sum(file.stat().st_size for file in tmp_path.iterdir()) > 0
    del store["a"], store["b"]
    assert sampler.read()["spilled_bytes"] == 0

    plain = Sampler(lambda t, values: None, store={})
    assert "spilled_bytes" not in plain.read()
    assert "does not spill" in plain.unavailable["spilled_bytes"]


def test_results_that_a_client_still_wants_are_held_and_then_not() -> None:
    with LocalCluster(n_workers=1, processes=False, dashboard_address=":0") as cluster, Client(cluster) as typed:
        client: Any = typed
        wanted = client.submit(lambda: 1)
        wanted.result()
        assert sum(client.run(results_held).values()) == 1
        del wanted
        deadline = time.monotonic() + 5
        while sum(client.run(results_held).values()) and time.monotonic() < deadline:
            time.sleep(0.01)
        assert sum(client.run(results_held).values()) == 0


HEAD = "Inter-|   Receive  |  Transmit\n face |bytes packets errs drop fifo frame compressed multicast|bytes ...\n"


@pytest.mark.parametrize(
    ("devices", "cards", "received"),
    [
        ({"lo": 5, "eth0": 500, "eth1": 500, "bond0": 1000, "bond0.42": 1000}, [], 1000),
        ({"lo": 5, "eth0": 1000, "cni0": 1000, "vethab12": 10}, [], 1000),
        ({"lo": 5, "lan1": 1000, "uplink": 1000}, ["lan1"], 1000),
        ({"lo": 5, "eth0": 700}, [], 700),
        ({"lo": 5, "veth-worker": 300}, [], 300),
    ],
    ids=[
        "a VLAN on a bond of two cards",
        "a bridge of pods",
        "names of the site's own",
        "a pod",
        "nothing but one end",
    ],
)
def test_bytes_that_pass_several_devices_count_once(
    tmp_path: Path, devices: dict[str, int], cards: list[str], received: int
) -> None:
    net = tmp_path / "proc/self/net"
    net.mkdir(parents=True)
    (net / "dev").write_text(HEAD + "".join(f"{name:>12}: {n} 1 0 0 0 0 0 0 {n} 0 0\n" for name, n in devices.items()))
    for card in cards:
        (tmp_path / "sys/class/net" / card / "device").mkdir(parents=True)
    values = Sampler(lambda *_: None, root=str(tmp_path)).read()
    names = ("network_receive_bytes_total", "network_transmit_bytes_total", "loopback_receive_bytes_total")
    assert [values[name] for name in names] == [received, received, 5]


def test_a_device_that_comes_later_is_looked_at_anew(tmp_path: Path) -> None:
    net = tmp_path / "proc/self/net"
    net.mkdir(parents=True)
    sampler = Sampler(lambda *_: None, root=str(tmp_path))
    for devices, received in (("eth0", 10), ("eth0 eth1", 20), ("eth1", 20)):
        lines = "".join(f"{name}: 10 1 0 0 0 0 0 0 0 0 0\n" for name in devices.split())
        (net / "dev").write_text(HEAD + lines)
        assert sampler.read()["network_receive_bytes_total"] == received
