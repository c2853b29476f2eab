"""Who takes part in a session, as the driver tells it."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from distributed import Client, LocalCluster

from hepbench.agent.sources.cgroup import cpu_quota
from hepbench.driver.targets import Presence, Targets, tell_alone


def told(targets: Targets, after: int, count: int) -> list[dict[str, Any]]:
    """`count` lines; each wait for one ends when it comes."""
    lines: list[str] = []
    while len(lines) < count:
        news = targets.after(after + len(lines), 20)
        assert news, f"{lines} and nothing more"
        lines += news
    return [json.loads(line) for line in lines]


def test_those_that_are_there_are_told_first_then_who_comes_and_goes() -> None:
    options: dict[str, Any] = {"processes": False, "dashboard_address": ":0", "memory_limit": 0}
    with LocalCluster(n_workers=1, threads_per_worker=1, **options) as local, Client(local) as client:
        there: Any = local
        targets = Targets()
        Presence(client, "127.0.0.1", targets)
        first = [presence["target"] for presence in told(targets, 0, 3)]
        assert [(one["name"], one["role"], one["pid"]) for one in first] == [
            ("scheduler", "scheduler", os.getpid()),
            ("driver", "driver", os.getpid()),
            ("0", "worker", os.getpid()),
        ]
        assert first[0]["http"].startswith("http://127.0.0.1:")
        assert [one["cores"] for one in first] == [len(os.sched_getaffinity(0))] * 3
        there.scale(2)
        (joined,) = told(targets, 3, 1)
        assert (joined["action"], joined["target"]["name"]) == ("joined", "1")
        client.retire_workers(workers=[there.workers[0].address])
        assert [(one["action"], one["target"]["name"]) for one in told(targets, 4, 1)] == [("left", "0")]


def test_without_dask_the_one_process_is_what_computes() -> None:
    targets = Targets()
    tell_alone(targets)
    (only,) = told(targets, 0, 1)
    assert (only["action"], only["target"]["role"], only["target"]["pid"]) == ("joined", "worker", os.getpid())


@pytest.mark.parametrize(
    ("files", "cores"),
    [
        ({"a/cpu.max": "max 100000"}, None),
        ({"a/b/cpu.max": "150000 100000", "a/cpu.max": "max 100000"}, 1.5),
        ({"a/cpu.max": "50000 100000"}, 0.5),  # of the group above; the controller is not on in the own one
        ({"a/b/cpu.max": "150000 100000", "a/cpu.max": "50000 100000"}, 0.5),
    ],
)
def test_the_smallest_quota_of_all_groups_counts(tmp_path: Path, files: dict[str, str], cores: float | None) -> None:
    mount = tmp_path / "sys/fs/cgroup"
    for name, text in files.items():
        (mount / name).parent.mkdir(parents=True, exist_ok=True)
        (mount / name).write_text(f"{text}\n")
    (tmp_path / "proc/self").mkdir(parents=True)
    (tmp_path / "proc/self/cgroup").write_text("0::/a/b\n")
    (tmp_path / "proc/self/mountinfo").write_text("30 1 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n")
    assert cpu_quota(str(tmp_path)) == cores


def test_the_quota_of_version_1_is_read_and_where_there_is_none_none_is_told(tmp_path: Path) -> None:
    (tmp_path / "proc/self").mkdir(parents=True)
    (tmp_path / "proc/self/cgroup").write_text("3:cpu,cpuacct:/a\n")
    (tmp_path / "proc/self/mountinfo").write_text("30 1 0:26 / /cpu rw - cgroup cgroup rw,cpu,cpuacct\n")
    (tmp_path / "cpu/a").mkdir(parents=True)
    (tmp_path / "cpu/a/cpu.cfs_period_us").write_text("100000\n")
    (tmp_path / "cpu/a/cpu.cfs_quota_us").write_text("-1\n")
    assert cpu_quota(str(tmp_path)) is None
    (tmp_path / "cpu/a/cpu.cfs_quota_us").write_text("25000\n")
    assert cpu_quota(str(tmp_path)) == 0.25
    (tmp_path / "proc/self/mountinfo").write_text("")
    assert cpu_quota(str(tmp_path)) is None
