"""Samples a worker process and meters its tasks.

A package that imports only the standard library and Dask, so that it can be shipped by value to workers that lack
hepbench: `cloudpickle.register_pickle_by_value` covers its modules as long as they import functions and classes from
one another, never modules. Everything is read inside the process itself: another container's /proc may not be visible.

    tally     what a thread spent in hooked calls; text: files of the kernel
    state     what the instruments of a process share: its clock, what its threads spent, what is hooked
    hooks     hooks the process; readers: imports, uproot, numba; root: ROOT and distributed RDataFrame
    native    what ROOT is asked in C++ (listener.cpp)
    meter     what one task used
    sources   what is sampled, one file for each kind; sampler: reads them again and again
    plugin    the agent in a Dask worker
"""

from hepbench.agent.hooks import hook, unhook
from hepbench.agent.meter import TaskMeter
from hepbench.agent.plugin import NAME, TOPIC, VERSION, Agent, flush_worker
from hepbench.agent.sampler import Sampler
from hepbench.agent.state import STEP_SECONDS, add_compile, clocks, current, metered_read, now, wall_ahead

__all__ = [
    "NAME",
    "STEP_SECONDS",
    "TOPIC",
    "VERSION",
    "Agent",
    "Sampler",
    "TaskMeter",
    "add_compile",
    "clocks",
    "current",
    "flush_worker",
    "hook",
    "metered_read",
    "now",
    "unhook",
    "wall_ahead",
]
