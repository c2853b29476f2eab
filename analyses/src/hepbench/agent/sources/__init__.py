"""What is sampled: one file for each kind of source."""

from __future__ import annotations

from typing import Any

from hepbench.agent.sources.cgroup import GroupCpu, GroupLimit, GroupMemory, GroupThrottling
from hepbench.agent.sources.cpu import Cpu, Threads
from hepbench.agent.sources.framework import Framework
from hepbench.agent.sources.io import Io
from hepbench.agent.sources.memory import HighWater, Proportional, Resident, Spilled
from hepbench.agent.sources.network import Network
from hepbench.agent.sources.source import Source


def all_sources(root: str, store: Any) -> list[Source]:
    """Every source, in the order of reading; `root` is put before /proc and the folders of control groups."""
    return [
        Cpu(root),
        Threads(root),
        Resident(root),
        HighWater(root),
        Proportional(root),
        Io(root),
        Network(root),
        Framework(),
        GroupCpu(root),
        GroupThrottling(root),
        GroupMemory(root),
        GroupLimit(root),
        Spilled(store),
    ]
