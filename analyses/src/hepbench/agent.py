"""Samples a worker process and meters its tasks.

One file that imports only the standard library and Dask, so that it can be shipped by value to workers that lack
hepbench. Everything is read inside the process itself: another container's /proc may not be visible.
"""

from __future__ import annotations

import contextlib
import ctypes
import inspect
import os
import re
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any, cast

from distributed import WorkerPlugin

NAME = "hepbench-agent"
_MODULE = "_hepbench_process"
TOPIC = "hepbench"
VERSION = 1
PSS_INTERVAL_SECONDS = 30.0  # smaps_rollup walks all mappings: 14 ms for a process with 1.5 GB
# Steps of the wall clock: the smallest that is taken back, and the smallest that is worth a word. Time daemons let
# the clock run faster or slower below 128 ms (ntpd) or more.
SMALLEST_STEP_SECONDS, STEP_SECONDS = 0.001, 0.1
_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE_BYTES = os.sysconf("SC_PAGESIZE")
_NO_LIMIT_BYTES = 1 << 62  # cgroup v1 writes "no limit" as the largest multiple of the page size

# Where distributed RDataFrame builds its graph. The event loop itself is not among them.
_DISTRDF = {
    "Backends.Base": ("setup_mapper", "distrdf_mapper"),
    "Backends.Utils": ("clone_action", "get_mergeablevalue"),
    "ComputationGraphGenerator": ("_call_rdf_operation",),
}
_RUN_TASK = ["task", "data", "execution_state", "key", "active_threads", "active_threads_lock", "time_delay"]
_NETWORK = ("network_receive_bytes_total", "network_transmit_bytes_total", "loopback_receive_bytes_total")

Values = dict[str, float]
Emit = Callable[[float, Values], None]


class _Tally(threading.local):
    """What this thread spent in reads and compilation; of nested calls only the outermost counts."""

    def __init__(self) -> None:
        self.seconds = {kind: [0.0, 0.0] for kind in ("read", "compile", "nothing")}  # wall, CPU
        self.bytes_read = self.read_calls = 0  # as uproot counts them
        self.depth = 0
        self.in_source = False
        self.started = (0.0, 0.0)

    def enter(self) -> None:
        self.depth += 1
        if self.depth == 1:
            self.started = (time.perf_counter(), time.thread_time())

    def leave(self, kind: str) -> None:
        self.depth -= 1
        if self.depth == 0:
            self.add(kind, time.perf_counter() - self.started[0], time.thread_time() - self.started[1])

    def add(self, kind: str, wall: float, cpu: float) -> None:
        self.seconds[kind][0] += wall
        self.seconds[kind][1] += cpu


class _Process:
    """State of the instruments, one per process: hooks patch process-wide functions whoever asks for them."""

    def __init__(self) -> None:
        self.tally = _Tally()
        self.lock = threading.Lock()
        self.agent_cpu_seconds = 0.0
        self.uproot_bytes = self.uproot_calls = 0
        self.agents = self.users = 0
        self.undo = contextlib.ExitStack()
        self.pending: dict[str, Callable[[], None]] = {}  # module -> what to hook when it has been imported
        self.native: _Native | None = None
        self.root_functions: tuple[Any, ...] = ()
        self.hooked: set[str] = set()
        self.unavailable: dict[str, str] = {}
        self.epoch, _ = _wall_minus_monotonic()

    def add_agent_cpu(self, seconds: float) -> None:
        with self.lock:
            self.agent_cpu_seconds += seconds

    def enter(self) -> None:
        """An agent begins to use it."""
        with self.lock:
            self.agents += 1

    def leave(self) -> None:
        """With the last agent it goes, unless cling has taken in our C++, which nothing takes out again."""
        with self.lock:
            self.agents -= 1
            if self.agents == self.users == 0 and self.native is None:
                sys.modules.pop(_MODULE, None)


def _process() -> _Process:
    # Not a global of this file: shipped by value, each pickle brings its own copy of the globals.
    modules = cast(dict[str, Any], sys.modules)
    if _MODULE not in modules:
        modules.setdefault(_MODULE, _Process())
    return modules[_MODULE]


# --- time ---


def _wall_minus_monotonic() -> tuple[float, float]:
    """In seconds, and how far that may be off: of several readings the quickest, as a process pauses now and then."""
    best = (0.0, float("inf"))
    for _ in range(5):
        before = time.monotonic()
        wall = time.time()
        after = time.monotonic()
        if (after - before) / 2 < best[1]:
            best = (wall - (before + after) / 2, (after - before) / 2)
    return best


def now() -> float:
    """Seconds since the epoch on the clock of all that is measured in this process, which nobody can set.

    It is the wall clock when the process first asked, and the monotonic clock since: both are kept to the right speed.
    """
    return _process().epoch + time.monotonic()


def wall_ahead() -> float:
    """The wall clock minus `now()`, in seconds: by how much it was set since; exactly 0 where it was not."""
    there, error = _wall_minus_monotonic()
    ahead = there - _process().epoch
    return 0.0 if abs(ahead) < SMALLEST_STEP_SECONDS + error else ahead


def clocks() -> tuple[float, float]:
    """The wall clock, and `wall_ahead()`."""
    return time.time(), wall_ahead()


@contextlib.contextmanager
def _timed(kind: str) -> Iterator[None]:
    tally = _process().tally
    tally.enter()
    try:
        yield
    finally:
        tally.leave(kind)


def metered_read() -> contextlib.AbstractContextManager[None]:
    """Counts the block as reading: wall and CPU seconds of this thread go to the task's `readSeconds`."""
    return _timed("read")


def add_compile(seconds: float, cpu_seconds: float) -> None:
    """Adds wall and CPU seconds that the caller timed itself to the compilation of the task of this thread."""
    _process().tally.add("compile", seconds, cpu_seconds)


# --- hooks ---


def hook() -> None:
    """Hooks imports, compilers and readers of this process; calls are counted, the last `unhook` restores all.

    Where ROOT is loaded this costs 0.2 CPU-seconds; a fork server that calls it spares its children that.
    """
    process = _process()
    process.users += 1
    if process.users > 1:
        return
    process.unavailable.clear()
    _hook_imports(process)
    process.pending.update({"uproot": _hook_uproot, "numba.core.event": _hook_numba, "ROOT": _hook_root})
    process.pending.update({f"ROOT._distrdf.{name}": partial(_hook_distrdf, name) for name in _DISTRDF})
    _hook_imported(process)


def unhook() -> None:
    """Takes back one `hook`."""
    process = _process()
    process.users -= 1
    if process.users == 0:
        process.pending.clear()
        process.hooked.clear()
        process.undo.close()


def _replace(process: _Process, owner: Any, name: str, value: Any) -> None:
    original = getattr(owner, name)
    setattr(owner, name, value)
    process.undo.callback(setattr, owner, name, original)


def _hook_imports(process: _Process) -> None:
    # The interpreter calls this function only for a module that is not in sys.modules yet: cached imports cost nothing.
    bootstrap = sys.modules["_frozen_importlib"]
    original = getattr(bootstrap, "_find_and_load", None)
    if original is None:
        process.unavailable["compileSeconds"] = "this Python has no importlib._bootstrap._find_and_load"
        return
    tally = process.tally

    def find_and_load(name: str, import_: Any) -> Any:
        if name in sys.modules:  # `importlib.import_module` comes here for cached modules, too
            return original(name, import_)
        tally.enter()
        try:
            return original(name, import_)
        finally:
            tally.leave("compile")
            if process.pending and tally.depth == 0:
                _hook_imported(process)

    _replace(process, bootstrap, "_find_and_load", find_and_load)


def _hook_imported(process: _Process) -> None:
    for name in list(process.pending):
        # Another thread may be in the middle of the import.
        if name not in sys.modules or getattr(sys.modules[name].__spec__, "_initializing", False):
            continue
        install = process.pending.pop(name, None)
        if install is None:
            continue
        cpu = time.thread_time()
        try:
            install()
            process.hooked.add(name)
        except Exception as error:  # another version of the library: the workload goes on, unmetered
            field = "readSeconds" if name == "uproot" else "compileSeconds"
            process.unavailable[field] = f"{name} cannot be hooked: {error!r}"
        process.add_agent_cpu(time.thread_time() - cpu)


def _hook_uproot() -> None:
    process = _process()
    chunk = sys.modules["uproot.source.chunk"]
    sources = [chunk.Source]
    for source in sources:  # grows while it is walked
        sources += source.__subclasses__()
        for name in {"chunk", "chunks"} & vars(source).keys():
            _replace(process, source, name, _metered_source(vars(source)[name]))
    _replace(process, chunk.Chunk, "wait", _metered(chunk.Chunk.wait))


def _metered(function: Callable[..., Any]) -> Callable[..., Any]:
    def metered(*args: Any, **kwargs: Any) -> Any:
        with _timed("read"):
            return function(*args, **kwargs)

    return metered


def _metered_source(function: Callable[..., Any]) -> Callable[..., Any]:
    process = _process()
    tally = process.tally

    def metered(self: Any, *args: Any, **kwargs: Any) -> Any:
        queue: Any = kwargs.get("notifications", args[-1] if args else None)
        if hasattr(queue, "get"):
            # `chunks` returns at once and other threads read; the caller waits for them in `get` of its own queue.
            queue.get = _metered(queue.get)
        if tally.in_source:  # a source that falls back on another one
            return function(self, *args, **kwargs)
        tally.in_source = True
        before = self.num_requested_bytes, self.num_requests
        try:
            with _timed("read"):
                return function(self, *args, **kwargs)
        finally:
            tally.in_source = False
            size, calls = self.num_requested_bytes - before[0], self.num_requests - before[1]
            tally.bytes_read += size
            tally.read_calls += calls
            with process.lock:
                process.uproot_bytes += size
                process.uproot_calls += calls

    return metered


def _hook_numba() -> None:
    process = _process()
    event = sys.modules["numba.core.event"]
    tally = process.tally
    methods = {"on_start": lambda self, event: tally.enter(), "on_end": lambda self, event: tally.leave("compile")}
    listener = type("Listener", (event.Listener,), methods)()
    event.register("numba:compile", listener)
    process.undo.callback(event.unregister, "numba:compile", listener)


def _hook_root() -> None:
    root = sys.modules["ROOT"]
    if "_cppyy" in vars(root):
        _hook_cling(root)
        return
    # `import ROOT` is lazy: the interpreter starts (1 CPU-second) at the first use of the module, in this method.
    facade: Any = type(root)
    original = facade._finalSetup

    def final_setup(self: Any) -> None:
        with _timed("compile"):
            original(self)
        if process.users:
            process.pending["ROOT"] = lambda: _hook_cling(root)
            _hook_imported(process)

    process = _process()
    _replace(process, facade, "_finalSetup", final_setup)


def _hook_cling(root: Any) -> None:
    process = _process()
    if process.native is None:
        process.native = _Native(root)
    process.native.listen(True)
    process.undo.callback(process.native.listen, False)
    process.native.watch_thread(True)
    for name in ("Declare", "ProcessLine", "Calc"):  # the latter two also run what they compile
        original = getattr(root.TInterpreter, name)

        def compile_code(*args: Any, original: Any = original) -> Any:
            with _timed("compile"):
                return original(*args)

        _replace(process, root.TInterpreter, name, compile_code)


def _hook_distrdf(name: str) -> None:
    process = _process()
    module: Any = sys.modules[f"ROOT._distrdf.{name}"]
    for function in _DISTRDF[name]:
        original = getattr(module, function)
        if function != "distrdf_mapper":
            _replace(process, module, function, _compiling_if_cling_worked(original))
            continue

        def mapper(
            current_range: Any, build_rdf_from_range: Any, *args: Any, original: Any = original, **more: Any
        ) -> Any:
            return original(current_range, _compiling_if_cling_worked(build_rdf_from_range), *args, **more)

        _replace(process, module, function, mapper)


def _compiling_if_cling_worked(function: Callable[..., Any]) -> Callable[..., Any]:
    """Counts a call as compilation if cling accepted new code meanwhile, less what the C++ listener accounts itself.

    PyROOT compiles a wrapper at the first call of every C++ function: 1.5 CPU-seconds before the first event loop, of
    which RDataFrame's log knows nothing.
    """

    def call(*args: Any, **kwargs: Any) -> Any:
        process = _process()
        interpreter = sys.modules["ROOT"].gInterpreter
        marker, tally = interpreter.GetInterpreterStateMarker(), process.tally
        before = process.native.totals() if process.native else [0.0] * 4
        tally.enter()
        try:
            return function(*args, **kwargs)
        finally:
            worked = interpreter.GetInterpreterStateMarker() != marker
            if worked and tally.depth == 1 and process.native:
                jit, jit_cpu, read, read_cpu = (b - a for a, b in zip(before, process.native.totals(), strict=True))
                tally.add("compile", -jit - read, -jit_cpu - read_cpu)
            tally.leave("compile" if worked else "nothing")

    return call


_NATIVE = r"""
#include <ROOT/RLogger.hxx>
#include <TVirtualPerfStats.h>
#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <memory>
namespace ROOT { namespace Detail { namespace RDF { ROOT::RLogChannel &RDFLogChannel(); } } }
namespace hepbench {
double clock(clockid_t id) { timespec t; clock_gettime(id, &t); return t.tv_sec + 1e-9 * t.tv_nsec; }
double totals[4], lastWall, lastCpu; // compile wall, compile CPU, read wall, read CPU
void mark() { lastWall = clock(CLOCK_REALTIME); lastCpu = clock(CLOCK_THREAD_CPUTIME_ID); }
// ROOT gives only the start of a read. Of the time since the last mark, what was off CPU is put down to the read.
struct Reads : TVirtualPerfStats {
   void FileReadEvent(TFile *, Int_t, Double_t start) override {
      double wall = lastWall, cpu = lastCpu;
      mark();
      double read = std::max(0., lastWall - start), off = std::max(0., (lastWall - wall) - (lastCpu - cpu));
      totals[2] += read;
      totals[3] += std::max(0., read - off);
   }
   void SetFile(TFile *) override {}
   void SimpleEvent(EEventType) override {}
   using Name = const char *;
   void PacketEvent(Name, Name, Name, Long64_t, Double_t, Double_t, Double_t, Long64_t) override {}
   void FileEvent(Name, Name, Name, Name, Bool_t) override {}
   void FileOpenEvent(TFile *, Name, Double_t) override {}
   void UnzipEvent(TObject *, Long64_t, Double_t, Int_t, Int_t) override {}
   void RateEvent(Double_t, Double_t, Long64_t, Long64_t) override {}
   void SetBytesRead(Long64_t) override {}
   Long64_t GetBytesRead() const override { return 0; }
   void SetNumEvents(Long64_t) override {}
   Long64_t GetNumEvents() const override { return 0; }
   void PrintBasketInfo(Option_t *) const override {}
   void SetLoaded(TBranch *, size_t) override {}
   void SetLoaded(size_t, size_t) override {}
   void SetLoadedMiss(TBranch *, size_t) override {}
   void SetLoadedMiss(size_t, size_t) override {}
   void SetMissed(TBranch *, size_t) override {}
   void SetMissed(size_t, size_t) override {}
   void SetUsed(TBranch *, size_t) override {}
   void SetUsed(size_t, size_t) override {}
   void UpdateBranchIndices(TObjArray *) override {}
} reads;
auto *channel = &ROOT::Detail::RDF::RDFLogChannel();
auto verbosity = ROOT::ELogLevel::kUnset;
bool shown = false;
// RDataFrame logs "Just-in-time compilation phase completed in 1.7 seconds." and "3 deferred calls completed in ...".
struct Log : ROOT::RLogHandler {
   bool Emit(const ROOT::RLogEntry &entry) override {
      if (entry.fChannel != channel || !entry.IsInfo()) return true;
      double cpu = lastCpu;
      mark();
      auto at = entry.fMessage.find(" completed in ");
      if (at != std::string::npos) {
         double wall = std::atof(entry.fMessage.c_str() + at + 14);
         totals[0] += wall;
         totals[1] += std::min(wall, lastCpu - cpu);
      }
      return shown;
   }
} *handler = nullptr;
}
extern "C" double *hepbench_totals() { return hepbench::totals; }
extern "C" void hepbench_listen(int on) {
   using namespace hepbench;
   auto &manager = ROOT::RLogManager::Get();
   if (on && !handler) {
      shown = channel->GetEffectiveVerbosity(manager) >= ROOT::ELogLevel::kInfo;
      verbosity = channel->GetVerbosity();
      manager.PushFront(std::unique_ptr<ROOT::RLogHandler>(handler = new Log));
      if (!shown) channel->SetVerbosity(ROOT::ELogLevel::kInfo);
   } else if (!on && handler) {
      manager.Remove(handler);
      handler = nullptr;
      channel->SetVerbosity(verbosity);
   }
}
extern "C" void hepbench_watch_thread(int on) {
   auto *&current = TVirtualPerfStats::CurrentPerfStats(); // one per thread; the workload's own stays
   hepbench::mark();
   if (on && !current) current = &hepbench::reads;
   if (!on && current == &hepbench::reads) current = nullptr;
}
"""


class _Native:
    """C++ that listens to RDataFrame's compiler log and to TFile's reads; declared once, it stays in the process."""

    def __init__(self, root: Any) -> None:
        interpreter = root.gInterpreter
        # Loaded by hand: cling finds no library by the name of the channel's function, and half a module crashes it.
        if root.gSystem.Load("libROOTDataFrame") < 0 or not interpreter.Declare(_NATIVE):
            raise RuntimeError("cling refused the listener")

        # Through ctypes and with the GIL held: a call costs 1 us and takes none of cling's locks.
        def function(name: str, result: Any, *arguments: Any) -> Any:
            address = interpreter.Calc(f"(long)&hepbench_{name}")
            if not address:
                raise RuntimeError(f"cling did not compile hepbench_{name}")
            return ctypes.PYFUNCTYPE(result, *arguments)(address)

        self.listen = function("listen", None, ctypes.c_int)
        self.watch_thread = function("watch_thread", None, ctypes.c_int)
        self._totals = function("totals", ctypes.POINTER(ctypes.c_double))()

    def totals(self) -> list[float]:
        """Seconds: compilation wall and CPU, reads wall and CPU, of all threads."""
        return self._totals[:4]


def _root_counters(process: _Process) -> tuple[int, int] | None:
    """Bytes and calls of ROOT's own static counters; None while its I/O library is not loaded."""
    if not process.root_functions:
        if "ROOT" not in sys.modules:
            return None
        try:
            library = ctypes.PyDLL("libRIO.so", mode=os.RTLD_NOLOAD)
            size, calls = library._ZN5TFile16GetFileBytesReadEv, library._ZN5TFile16GetFileReadCallsEv
        except (OSError, AttributeError):  # `import ROOT` alone loads nothing yet
            return None
        size.restype = ctypes.c_longlong
        process.root_functions = (size, calls)
    size, calls = process.root_functions
    return size(), calls()


# --- one task ---


class TaskMeter:
    """Readings of the calling thread and its process between `start()` and `stop()`, as the fields of a task's meter.

    With several threads in a process, ROOT's counters and those of the kernel mix the tasks that overlap.
    ROOT reads the pages of an RNTuple past its counters: of such a task only the opening of the file is seen.
    """

    def start(self) -> None:
        self._entered = time.thread_time()
        process = self._process = _process()
        if process.native:
            process.native.watch_thread(True)
        self._slow = self._read_slow()
        self.wall_ahead_at_start = wall_ahead()
        self.started_at = now()
        self._before = time.perf_counter(), time.thread_time(), time.process_time()

    def stop(self) -> dict[str, float | None]:
        after = time.perf_counter(), time.thread_time(), time.process_time()
        self.stopped_at = now()
        self.wall_ahead_at_stop = wall_ahead()
        wall, cpu, process_cpu = (b - a for a, b in zip(self._before, after, strict=True))
        slow = self._read_slow()
        if self._process.native:
            self._process.native.watch_thread(False)
        # A library that the task loaded counts from zero; what could not be read afterwards is missing.
        passed = {k: None if v is None else v - (self._slow[k] or 0) for k, v in slow.items()}
        meter = {"wallSeconds": wall, "cpuSeconds": cpu, "processCpuSeconds": process_cpu, **self._account(passed)}
        hook_cpu = (self._before[1] - self._entered) + (time.thread_time() - after[1])
        self._process.add_agent_cpu(hook_cpu)
        return meter

    def _account(self, passed: dict[str, Any]) -> dict[str, float | None]:
        reasons = self._process.unavailable
        if passed["root_bytes"] and self._process.native is None:
            reasons["readSeconds"] = "ROOT read and could not be hooked"
        compiled = [None, None] if "compileSeconds" in reasons else [passed["compile"], passed["compile_cpu"]]
        read = [None, None] if "readSeconds" in reasons else [passed["read"], passed["read_cpu"]]
        counted = "uproot" in self._process.hooked or passed["root_bytes"] is not None
        return {
            "runQueueSeconds": passed["run_queue"],
            "readSeconds": read[0],
            "readCpuSeconds": read[1],
            "compileSeconds": compiled[0],
            "compileCpuSeconds": compiled[1],
            "bytesRead": passed["uproot_bytes"] + (passed["root_bytes"] or 0) if counted else None,
            "readCalls": passed["uproot_calls"] + (passed["root_calls"] or 0) if counted else None,
            "rcharBytes": passed["rchar"],
            "blockReadBytes": passed["read_bytes"],
        }

    def _read_slow(self) -> dict[str, float | None]:
        tally, native, root = self._process.tally, self._process.native, _root_counters(self._process)
        extra = native.totals() if native else [0.0] * 4
        try:
            io = _table(_text("/proc/self/io"))
        except OSError:
            io = {}
        try:
            run_queue = int(_text("/proc/thread-self/schedstat").split()[1]) / 1e9
        except OSError:
            run_queue = None
        (read, read_cpu), (compiled, compile_cpu) = tally.seconds["read"], tally.seconds["compile"]
        return {
            "compile": compiled + extra[0],
            "compile_cpu": compile_cpu + extra[1],
            "read": read + extra[2],
            "read_cpu": read_cpu + extra[3],
            "run_queue": run_queue,
            "root_bytes": root[0] if root else None,
            "root_calls": root[1] if root else None,
            "uproot_bytes": tally.bytes_read,
            "uproot_calls": tally.read_calls,
            "rchar": io.get("rchar"),
            "read_bytes": io.get("read_bytes"),
        }


# --- samples ---


def _text(path: str) -> str:
    # Opened anew each time: a kept /proc/self descriptor would show the parent after a fork.
    descriptor = os.open(path, os.O_RDONLY)
    try:
        parts = iter(lambda: os.read(descriptor, 1 << 16), b"")  # /proc files may come a page at a time
        return b"".join(parts).decode(errors="replace")
    finally:
        os.close(descriptor)


def _table(text: str) -> dict[str, int]:
    return {key.rstrip(":"): int(value) for key, value in (line.split() for line in text.splitlines())}


def _cgroup_folder(root: str, controller: str) -> tuple[int, str]:
    """Version and folder of this process's cgroup for `controller`; v1 first, as hybrid mounts have both."""
    lines = (line.split(":", 2) for line in _text(f"{root}/proc/self/cgroup").splitlines())
    own = {name: path for _, names, path in lines for name in names.split(",")}
    version = 1 if controller in own else 2
    path = own[controller if version == 1 else ""]
    for line in _text(f"{root}/proc/self/mountinfo").splitlines():
        mount, source = line.split(" - ")
        kind, _, options = source.split(" ", 2)
        if kind != ("cgroup" if version == 1 else "cgroup2") or (version == 1 and controller not in options.split(",")):
            continue
        mounted, folder = mount.split()[3:5]
        # In a container the mount shows only the own subtree, while the path may still be the host's.
        inside = path.removeprefix(mounted.rstrip("/")).rstrip("/") if path.startswith(mounted) else ""
        return version, root + folder + inside
    raise OSError(f"no mount of cgroup v{version} {controller}")


# Devices that pass on what a card received: bonds, VLANs, bridges, tunnels and the ends of pods. By the names that the
# kernel, systemd, Docker, libvirt and the plug-ins of Kubernetes give them.
_STACKED = re.compile(
    r"(bond|team|br|virbr|docker|cni|cali|cilium|flannel|kube|nodelocaldns|lxc|lxd|veth|ovs|vlan|vxlan|geneve|macv|ipvl|"
    r"tun|tap|wg|gre|sit|ip6tnl|dummy|ifb)[-_0-9a-z]*$|.*[.@]",
    re.IGNORECASE,
)


def _cards(root: str, devices: Iterable[str]) -> list[str]:
    """Where bytes enter the namespace, so that none is counted twice: cards, or else what is no stacked device."""
    cards = [name for name in devices if os.path.exists(f"{root}/sys/class/net/{name}/device")]
    cards = cards or [name for name in devices if not _STACKED.match(name)]
    return cards or list(devices)


class Sampler:
    """Reads counters (cumulative, `_total`) and gauges of its own process and cgroup every `interval` seconds.

    `emit(t, values)` gets the time as `now()` gives it; units are in the names. What cannot be read is absent from
    `values`, with its reason in `unavailable`. `root` is put before /proc and the cgroup folders; `store` is where a
    Dask worker keeps its results.
    """

    def __init__(self, emit: Emit, interval: float = 1.0, root: str = "", store: Any = None) -> None:
        self.interval = interval
        self.unavailable: dict[str, str] = {}
        self._emit = emit
        self._root = root
        self._store = store
        self._process = _process()
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None
        self._largest: Values = {}
        self._delays: dict[str, int] = {}  # nanoseconds in the run queue, by thread
        self._ended_delay = 0
        self._pss_due = 0.0
        self._folders: dict[str, tuple[int, str]] = {}
        self._devices: set[str] = set()
        self._cards: list[str] = []

    def start(self) -> None:
        """Samples at once and then from a daemon thread."""
        self._thread = threading.Thread(target=self._run, name=NAME, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Ends the thread; takes no last sample."""
        self._stopped.set()
        if self._thread:
            self._thread.join()

    def _run(self) -> None:
        due = time.monotonic()
        while not self._stopped.wait(max(0.0, due - time.monotonic())):
            self.sample()
            # After a gap (cling or C code held the GIL) the missed samples are left out, not made up for.
            due += self.interval
            if due < time.monotonic():
                due = time.monotonic() + self.interval

    def postpone_pss(self) -> None:
        """Begins the 30 seconds anew: no reading of PSS (1 % of a second) in a measurement that is shorter."""
        self._pss_due = time.monotonic() + PSS_INTERVAL_SECONDS

    def sample(self, *, pss: bool = False) -> None:
        """Emits one sample; `pss` adds the proportional set size before its 30 seconds are over."""
        cpu = time.thread_time()
        with self._lock:
            self._emit(now(), self.read(pss=pss))
        self._process.add_agent_cpu(time.thread_time() - cpu)

    def read(self, *, pss: bool = False) -> Values:
        """Values by name; counters never fall, as `prmon` does it."""
        if pss or time.monotonic() >= self._pss_due:
            pss, self._pss_due = True, time.monotonic() + PSS_INTERVAL_SECONDS
        values: Values = {"cpu_seconds_total": time.process_time()}
        for read, names in self._sources().items():
            if names == ("pss_bytes",) and not pss:
                continue
            try:
                values |= read()
            except (OSError, LookupError, ValueError) as error:
                self.unavailable |= dict.fromkeys(names, f"{type(error).__name__}: {error}")
        values["agent_cpu_seconds_total"] = self._process.agent_cpu_seconds
        for name in values:
            self.unavailable.pop(name, None)
            if name.endswith("_total"):
                values[name] = self._largest[name] = max(values[name], self._largest.get(name, 0.0))
        return values

    def _sources(self) -> dict[Callable[[], Values], tuple[str, ...]]:
        return {
            self._cpu: ("cpu_user_seconds_total", "cpu_system_seconds_total"),
            self._threads: ("threads", "run_queue_seconds_total"),
            self._rss: ("rss_bytes",),
            self._high_water: ("rss_high_water_bytes",),
            self._pss: ("pss_bytes",),
            self._io: ("rchar_bytes_total", "wchar_bytes_total", "block_read_bytes_total", "block_write_bytes_total"),
            self._network: _NETWORK,
            self._framework: ("framework_read_bytes_total", "framework_read_calls_total"),
            self._cgroup_cpu: ("cgroup_cpu_seconds_total",),
            self._cgroup_throttling: ("cgroup_throttled_seconds_total", "cgroup_throttled_periods_total"),
            self._cgroup_memory: ("cgroup_memory_bytes", "cgroup_memory_working_set_bytes"),
            self._cgroup_limit: ("cgroup_memory_limit_bytes",),
            self._spilled: ("spilled_bytes",),
        }

    def _proc(self, name: str) -> str:
        return _text(f"{self._root}/proc/self/{name}")

    def _cpu(self) -> Values:
        # After the last ")": the name of a program may hold spaces and parentheses. Ticks of 10 ms.
        fields = self._proc("stat").rpartition(")")[2].split()
        return {
            "cpu_user_seconds_total": int(fields[11]) / _TICKS,
            "cpu_system_seconds_total": int(fields[12]) / _TICKS,
        }

    def _threads(self) -> Values:
        # schedstat of the process is that of its main thread only.
        threads = os.listdir(f"{self._root}/proc/self/task")
        now: dict[str, int] = {}
        for thread in threads:
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # ended since the listing
                now[thread] = int(self._proc(f"task/{thread}/schedstat").split()[1])
        if not now:
            raise OSError("no schedstat: the kernel has no CONFIG_SCHED_INFO")
        for thread, delay in self._delays.items():
            if now.get(thread, -1) < delay:  # ended, perhaps with its id used again
                self._ended_delay += delay
        self._delays = now
        return {"threads": len(threads), "run_queue_seconds_total": (self._ended_delay + sum(now.values())) / 1e9}

    def _rss(self) -> Values:
        return {"rss_bytes": int(self._proc("statm").split()[1]) * _PAGE_BYTES}

    def _high_water(self) -> Values:
        match = re.search(r"^VmHWM:\s+(\d+) kB", self._proc("status"), re.MULTILINE)
        if match is None:
            raise ValueError("no VmHWM in status")
        return {"rss_high_water_bytes": int(match[1]) * 1024}

    def _pss(self) -> Values:
        match = re.search(r"^Pss:\s+(\d+) kB", self._proc("smaps_rollup"), re.MULTILINE)
        if match is None:
            raise ValueError("no Pss in smaps_rollup")
        return {"pss_bytes": int(match[1]) * 1024}

    def _io(self) -> Values:
        io = _table(self._proc("io"))
        return {
            "rchar_bytes_total": io["rchar"],
            "wchar_bytes_total": io["wchar"],
            "block_read_bytes_total": io["read_bytes"],
            "block_write_bytes_total": io["write_bytes"],
        }

    def _network(self) -> Values:
        # Of the whole network namespace: the pod, or the machine. Loopback apart: it holds Dask's own local traffic.
        values: Values = dict.fromkeys(_NETWORK, 0)
        devices = {}
        for line in self._proc("net/dev").splitlines()[2:]:
            device, _, numbers = line.partition(":")
            devices[device.strip()] = int(numbers.split()[0]), int(numbers.split()[8])
        loopback, _ = devices.pop("lo", (0, 0))
        values["loopback_receive_bytes_total"] += loopback
        if devices.keys() != self._devices:
            self._devices, self._cards = set(devices), _cards(self._root, devices)
        for card in self._cards:
            received, sent = devices[card]
            values["network_receive_bytes_total"] += received
            values["network_transmit_bytes_total"] += sent
        return values

    def _framework(self) -> Values:
        process = self._process
        values: Values = {}
        root = _root_counters(process)
        uproot = (process.uproot_bytes, process.uproot_calls) if "uproot" in process.hooked else None
        if root is None and uproot is None:
            raise LookupError("neither ROOT nor uproot is loaded and hooked")
        if root:
            values["root_read_bytes_total"] = root[0]
        if uproot:
            values["uproot_read_bytes_total"] = uproot[0]
        both = [counters for counters in (root, uproot) if counters]
        return values | {
            "framework_read_bytes_total": sum(size for size, _ in both),
            "framework_read_calls_total": sum(calls for _, calls in both),
        }

    def _spilled(self) -> Values:
        # A plain dict where the worker has no memory limit.
        if not hasattr(self._store, "spilled_total"):
            raise LookupError("this worker does not spill")
        return {"spilled_bytes": self._store.spilled_total.disk}

    def _cgroup(self, controller: str) -> tuple[int, str]:
        if controller not in self._folders:
            self._folders[controller] = _cgroup_folder(self._root, controller)
        return self._folders[controller]

    def _cgroup_cpu(self) -> Values:
        version, folder = self._cgroup("cpuacct")
        if version == 1:
            return {"cgroup_cpu_seconds_total": int(_text(f"{folder}/cpuacct.usage")) / 1e9}
        return {"cgroup_cpu_seconds_total": _table(_text(f"{folder}/cpu.stat"))["usage_usec"] / 1e6}

    def _cgroup_throttling(self) -> Values:
        version, folder = self._cgroup("cpu")
        stat = _table(_text(f"{folder}/cpu.stat"))
        throttled = stat["throttled_time"] / 1e9 if version == 1 else stat["throttled_usec"] / 1e6
        return {"cgroup_throttled_seconds_total": throttled, "cgroup_throttled_periods_total": stat["nr_throttled"]}

    def _cgroup_memory(self) -> Values:
        version, folder = self._cgroup("memory")
        usage = int(_text(f"{folder}/{'memory.usage_in_bytes' if version == 1 else 'memory.current'}"))
        inactive = _table(_text(f"{folder}/memory.stat"))["total_inactive_file" if version == 1 else "inactive_file"]
        return {"cgroup_memory_bytes": usage, "cgroup_memory_working_set_bytes": max(0, usage - inactive)}

    def _cgroup_limit(self) -> Values:
        version, folder = self._cgroup("memory")
        limit = _text(f"{folder}/{'memory.limit_in_bytes' if version == 1 else 'memory.max'}").strip()
        if limit == "max" or int(limit) >= _NO_LIMIT_BYTES:
            raise ValueError("no limit is set")
        return {"cgroup_memory_limit_bytes": int(limit)}


# --- in a Dask worker ---


def _hook_tasks(process: _Process) -> None:
    """Wraps `distributed.worker._run_task`, which runs a task in the task's own thread."""
    import distributed.worker as module

    if "tasks" in process.hooked:  # by another worker of this process
        return
    original: Any = getattr(module, "_run_task", None)
    if original is None or list(inspect.signature(original).parameters) != _RUN_TASK:
        process.unavailable["meter"] = "distributed.worker._run_task does not exist or has another signature"
        return

    def run_task(task: Any, data: Any, execution_state: Any, key: Any, *rest: Any) -> Any:
        # The state names the worker, as several may share a process.
        agent = execution_state["worker"].plugins.get(NAME)
        if agent is None:
            return original(task, data, execution_state, key, *rest)
        meter = agent.start_meter()
        try:
            return original(task, data, execution_state, key, *rest)
        finally:
            agent.stop_meter(key, meter, rest[-1])

    _replace(process, module, "_run_task", run_task)
    process.hooked.add("tasks")


class Agent(WorkerPlugin):
    """Samples its worker every `interval` seconds, meters its tasks, logs both as Dask events of topic `hepbench`.

    Without `reporting` tasks are counted and what they read is counted, but none is metered by itself.
    """

    name = NAME

    def __init__(
        self, interval: float = 1.0, *, sampling: bool = True, metering: bool = True, reporting: bool = True
    ) -> None:
        self.interval = interval
        self.sampling = sampling
        self.metering = metering
        self.reporting = reporting

    def setup(self, worker: Any) -> None:
        """Starts sampler and hooks."""
        self.worker = worker
        self._process = _process()
        self._process.enter()
        self._lock = threading.Lock()
        self._seq = 0
        self._ended = 0
        self._events: list[dict[str, Any]] = []
        self._outbox: deque[dict[str, Any]] = deque()
        self._sampler = Sampler(self._add_sample, self.interval, store=worker.data)
        self._stopped = threading.Event()
        if self.metering:
            hook()
            _hook_tasks(self._process)
        if self.sampling:
            self._sampler.start()
        self._sender = threading.Thread(target=self._send_regularly, name=f"{NAME}-sender", daemon=True)
        self._sender.start()

    def teardown(self, worker: Any) -> None:
        """Sends what is left and restores every patched function."""
        self._stopped.set()
        self._sampler.stop()
        self._sender.join()
        if self.metering:
            unhook()
        self.flush()
        self._process.leave()

    def _send_regularly(self) -> None:
        while not self._stopped.wait(1.0):
            cpu = time.thread_time()
            self._send()
            self._process.add_agent_cpu(time.thread_time() - cpu)

    def _add(self, event: dict[str, Any]) -> None:
        with self._lock:
            self._seq += 1
            self._events.append({**event, "seq": self._seq})

    def _add_sample(self, t: float, values: Values) -> None:
        self._add({"type": "sample", "t": t, "values": {**values, "tasks_total": self._ended}})

    def start_meter(self) -> TaskMeter | None:
        """Readings before a task; None where they fail, as an instrument must not fail the task."""
        if not self.reporting:
            return None
        meter = TaskMeter()
        try:
            meter.start()
        except Exception as error:
            self._process.unavailable["meter"] = repr(error)
            return None
        return meter

    def stop_meter(self, key: Any, meter: TaskMeter | None, scheduler_delay: float) -> None:
        """Readings after the task `key`; without them the task goes unmetered.

        `scheduler_delay` is what Dask adds to its own record of this task to bring it to the scheduler's clock. It is
        estimated anew at each heartbeat and wrong by up to a second while the worker is busy.
        """
        with self._lock:
            self._ended += 1
        if meter is None:
            return
        try:
            fields = meter.stop()
        except Exception as error:
            self._process.unavailable["meter"] = repr(error)
            return
        times = {"t": meter.stopped_at, "start": meter.started_at, "stop": meter.stopped_at}
        # Dask dates a task by the wall clock.
        ahead = {"start_ahead": meter.wall_ahead_at_start, "stop_ahead": meter.wall_ahead_at_stop}
        dask = {"scheduler_delay": scheduler_delay, **ahead}
        self._add({"type": "meter", "key": str(key), **times, **dask, "meter": fields})

    def flush(self, *, pss: bool = True) -> int:
        """Takes a last sample, hands everything to Dask and returns the last sequence number, 0 if there was none."""
        if self.sampling:
            self._sampler.postpone_pss()
            self._sampler.sample(pss=pss)
        return self._send()

    def _send(self) -> int:
        with self._lock:
            events, self._events, last = self._events, [], self._seq
            if events:
                self._outbox.append(self._message(events))
        if threading.get_ident() == self.worker.thread_id:
            self._drain()
        else:
            self.worker.loop.add_callback(self._drain)
        return last

    def _message(self, events: list[dict[str, Any]]) -> dict[str, Any]:
        return {
            "version": VERSION,
            "name": str(self.worker.name),  # Dask puts the address into "worker" itself
            "address": self.worker.address,
            "pid": os.getpid(),
            "wall_ahead": wall_ahead(),
            "interval": self.interval,
            "unavailable": self._sampler.unavailable | self._process.unavailable,
            "seq": events[0]["seq"],
            "events": events,
        }

    def _drain(self) -> None:
        cpu = time.thread_time()
        while self._outbox:
            self.worker.log_event(TOPIC, self._outbox.popleft())
        self._process.add_agent_cpu(time.thread_time() - cpu)


def flush_worker(dask_worker: Any, *, pss: bool = True) -> int | None:
    """For `client.run`: flushes the agent of that worker; its last sequence number, or None where there is no agent.

    Without `pss` when a measurement is about to begin: its cost would be counted into it.
    """
    agent = dask_worker.plugins.get(NAME)
    return None if agent is None else agent.flush(pss=pss)
