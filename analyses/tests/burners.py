"""Known sources for the instruments: each uses a stated amount of one resource."""

import importlib
import sys
import threading
import time
from pathlib import Path
from typing import Any

from hepbench.agent import add_compile, metered_read


def burn(cpu_seconds: float) -> float:
    """Burns CPU-seconds of this thread, whatever the neighbours do; returns what it really burnt."""
    start = time.thread_time()
    while time.thread_time() - start < cpu_seconds:
        sum(range(5000))
    return time.thread_time() - start


def burn_and_fail(cpu_seconds: float) -> None:
    burn(cpu_seconds)
    raise RuntimeError("burnt")


def sleep(seconds: float) -> float:
    time.sleep(seconds)
    return seconds


def wait_for_lock(seconds: float) -> None:
    """Waits for a lock that another thread holds for `seconds`, asleep."""
    lock = threading.Lock()
    held = threading.Event()

    def hold() -> None:
        with lock:
            held.set()
            time.sleep(seconds)

    threading.Thread(target=hold).start()
    held.wait()
    with lock:
        pass


def read_file(path: Path, pause_seconds: float = 0.0) -> tuple[int, float]:
    """Reads a file, `pause_seconds` off CPU as a slow disk would; bytes and wall seconds of the read."""
    start = time.perf_counter()
    with metered_read():
        size = len(path.read_bytes())
        time.sleep(pause_seconds)
    return size, time.perf_counter() - start


def allocate(size: int, seconds: float) -> None:
    """Holds `size` bytes of touched memory for `seconds`."""
    held = bytearray(b"x") * size
    time.sleep(seconds)
    del held


def import_module(folder: Path, name: str) -> float:
    """Imports a module of `folder`; wall seconds that it took."""
    sys.path.insert(0, str(folder))
    start = time.perf_counter()
    importlib.import_module(name)
    return time.perf_counter() - start


def compile_cpp(number: int) -> float:
    """Compiles a C++ function with cling; wall seconds, without those in which ROOT itself starts."""
    ROOT: Any = importlib.import_module("ROOT")  # it has no type stubs
    interpreter = ROOT.gInterpreter
    start = time.perf_counter()
    code = f"#include <regex>\nbool hepbench_f{number}(const char *s) {{ return std::regex_match(s, std::regex(s)); }}"
    assert interpreter.Declare(code)
    return time.perf_counter() - start


def compile_elsewhere(seconds: float, cpu_seconds: float) -> None:
    add_compile(seconds, cpu_seconds)


def plant(module_name: str, function: str, cpu_seconds: float) -> None:
    """Lets the next call of that function burn CPU before it does its work."""
    module: Any = importlib.import_module(module_name)
    original = getattr(module, function)

    def dear(*args: Any) -> Any:
        setattr(module, function, original)
        burn(cpu_seconds)
        return original(*args)

    setattr(module, function, dear)


def read_with_rdataframe(*paths: Path) -> tuple[int, int]:
    """Reads one column of files with RDataFrame; sum of the column, and bytes as ROOT counts them."""
    ROOT: Any = importlib.import_module("ROOT")  # it has no type stubs
    before = int(ROOT.TFile.GetFileBytesRead())
    frame = ROOT.RDataFrame("t", [str(path) for path in paths]).Define("twice", "2 * x")
    total = frame.Sum("twice").GetValue()
    return int(total), int(ROOT.TFile.GetFileBytesRead()) - before


def read_with_uproot(path: Path) -> tuple[int, int]:
    """Reads one column with uproot; sum of the column, and bytes as uproot counts them."""
    uproot: Any = importlib.import_module("uproot")
    with uproot.open(path) as file:
        total = file["t"]["x"].array().to_numpy().sum()
        return int(total), file.file.source.num_requested_bytes
