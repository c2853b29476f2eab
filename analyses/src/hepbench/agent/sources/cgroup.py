"""The control group of the process."""

from __future__ import annotations

import contextlib
import os

from hepbench.agent.sources.source import Values
from hepbench.agent.text import table_of, text_of

NO_LIMIT_BYTES = 1 << 62  # version 1 writes "no limit" as the largest multiple of the page size


def cgroup_folder(root: str, controller: str) -> tuple[int, str]:
    """Version and folder of this process's cgroup for `controller`; v1 first, as hybrid mounts have both."""
    lines = (line.split(":", 2) for line in text_of(f"{root}/proc/self/cgroup").splitlines())
    own = {name: path for _, names, path in lines for name in names.split(",")}
    version = 1 if controller in own else 2
    path = own[controller if version == 1 else ""]
    for line in text_of(f"{root}/proc/self/mountinfo").splitlines():
        mount, source = line.split(" - ")
        kind, _, options = source.split(" ", 2)
        if kind != ("cgroup" if version == 1 else "cgroup2") or (version == 1 and controller not in options.split(",")):
            continue
        mounted, folder = mount.split()[3:5]
        # In a container the mount shows only the own subtree, while the path may still be the host's.
        inside = path.removeprefix(mounted.rstrip("/")).rstrip("/") if path.startswith(mounted) else ""
        return version, root + folder + inside
    raise OSError(f"no mount of cgroup v{version} {controller}")


def cpu_quota(root: str = "") -> float | None:
    """Cores that this process may use on average, by the smallest quota of its cgroup and those above, if any."""
    try:
        version, folder = cgroup_folder(root, "cpu")
    except (OSError, KeyError):  # none is mounted here
        return None
    quotas = []
    while folder != os.path.dirname(folder):
        # A group for which the controller is not on has no such file, those above may have.
        with contextlib.suppress(OSError):
            if version == 1:
                quota, period = (text_of(f"{folder}/cpu.cfs_{name}_us") for name in ("quota", "period"))
            else:
                quota, period = text_of(f"{folder}/cpu.max").split()
            if quota.strip() not in ("max", "-1"):
                quotas.append(int(quota) / int(period))
        folder = os.path.dirname(folder)
    return min(quotas, default=None)


class _Group:
    """Finds its folder once."""

    controller: str

    def __init__(self, root: str) -> None:
        self._root = root
        self._found: tuple[int, str] | None = None

    def _folder(self) -> tuple[int, str]:
        """Version and folder."""
        if self._found is None:
            self._found = cgroup_folder(self._root, self.controller)
        return self._found


class GroupCpu(_Group):
    """CPU of all its processes."""

    controller = "cpuacct"
    names = ("cgroup_cpu_seconds_total",)

    def read(self) -> Values:
        """In seconds."""
        version, folder = self._folder()
        if version == 1:
            return {"cgroup_cpu_seconds_total": int(text_of(f"{folder}/cpuacct.usage")) / 1e9}
        return {"cgroup_cpu_seconds_total": table_of(text_of(f"{folder}/cpu.stat"))["usage_usec"] / 1e6}


class GroupThrottling(_Group):
    """How long and how often a quota of CPU held it up."""

    controller = "cpu"
    names = ("cgroup_throttled_seconds_total", "cgroup_throttled_periods_total")

    def read(self) -> Values:
        """In seconds."""
        version, folder = self._folder()
        stat = table_of(text_of(f"{folder}/cpu.stat"))
        throttled = stat["throttled_time"] / 1e9 if version == 1 else stat["throttled_usec"] / 1e6
        return {"cgroup_throttled_seconds_total": throttled, "cgroup_throttled_periods_total": stat["nr_throttled"]}


class GroupMemory(_Group):
    """Memory of all its processes, with and without what the kernel could drop."""

    controller = "memory"
    names = ("cgroup_memory_bytes", "cgroup_memory_working_set_bytes")

    def read(self) -> Values:
        """In bytes."""
        version, folder = self._folder()
        usage = int(text_of(f"{folder}/{'memory.usage_in_bytes' if version == 1 else 'memory.current'}"))
        inactive = table_of(text_of(f"{folder}/memory.stat"))[
            "total_inactive_file" if version == 1 else "inactive_file"
        ]
        return {"cgroup_memory_bytes": usage, "cgroup_memory_working_set_bytes": max(0, usage - inactive)}


class GroupLimit(_Group):
    """The limit of its memory, where there is one."""

    controller = "memory"
    names = ("cgroup_memory_limit_bytes",)

    def read(self) -> Values:
        """In bytes."""
        version, folder = self._folder()
        limit = text_of(f"{folder}/{'memory.limit_in_bytes' if version == 1 else 'memory.max'}").strip()
        if limit == "max" or int(limit) >= NO_LIMIT_BYTES:
            raise ValueError("no limit is set")
        return {"cgroup_memory_limit_bytes": int(limit)}
