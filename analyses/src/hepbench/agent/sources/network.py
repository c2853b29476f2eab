"""Bytes of the whole network namespace: of the pod, or of the machine."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable

from hepbench.agent.sources.source import Values
from hepbench.agent.text import text_of

# Devices that pass on what a card received: bonds, VLANs, bridges, tunnels and the ends of pods. By the names that the
# kernel, systemd, Docker, libvirt and the plug-ins of Kubernetes give them.
_STACKED = re.compile(
    r"(bond|team|br|virbr|docker|cni|cali|cilium|flannel|kube|nodelocaldns|lxc|lxd|veth|ovs|vlan|vxlan|geneve|macv|ipvl|"
    r"tun|tap|wg|gre|sit|ip6tnl|dummy|ifb)[-_0-9a-z]*$|.*[.@]",
    re.IGNORECASE,
)


def cards_of(root: str, devices: Iterable[str]) -> list[str]:
    """Where bytes enter the namespace, so that none is counted twice: cards, or else what is no stacked device."""
    cards = [name for name in devices if os.path.exists(f"{root}/sys/class/net/{name}/device")]
    cards = cards or [name for name in devices if not _STACKED.match(name)]
    return cards or list(devices)


class Network:
    """Loopback apart, which holds the local traffic of Dask."""

    names = ("network_receive_bytes_total", "network_transmit_bytes_total", "loopback_receive_bytes_total")

    def __init__(self, root: str) -> None:
        self._root = root
        self._devices: set[str] = set()
        self._cards: list[str] = []

    def read(self) -> Values:
        """In bytes."""
        # Of the whole network namespace: the pod, or the machine. Loopback apart: it holds Dask's own local traffic.
        values: Values = dict.fromkeys(self.names, 0)
        devices = {}
        for line in text_of(f"{self._root}/proc/self/net/dev").splitlines()[2:]:
            device, _, numbers = line.partition(":")
            devices[device.strip()] = int(numbers.split()[0]), int(numbers.split()[8])
        loopback, _ = devices.pop("lo", (0, 0))
        values["loopback_receive_bytes_total"] += loopback
        if devices.keys() != self._devices:
            self._devices, self._cards = set(devices), cards_of(self._root, devices)
        for card in self._cards:
            received, sent = devices[card]
            values["network_receive_bytes_total"] += received
            values["network_transmit_bytes_total"] += sent
        return values
