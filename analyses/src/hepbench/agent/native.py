"""What ROOT is asked in C++: compilation and reads of this process, and the counters of its I/O library."""

from __future__ import annotations

import ctypes
import os
import sys
from importlib.resources import files
from typing import Any

from hepbench.agent.state import Process

# Read when this module is imported: shipped by value, the text goes along.
LISTENER = files("hepbench.agent").joinpath("listener.cpp").read_text()
AWAY = 4  # of `Native.totals`


class Native:
    """C++ that listens to RDataFrame's compiler log and to TFile's reads; declared once, it stays in the process."""

    def __init__(self, root: Any) -> None:
        interpreter = root.gInterpreter
        # Loaded by hand: cling finds no library by the name of the channel's function, and half a module crashes it.
        if root.gSystem.Load("libROOTDataFrame") < 0 or not interpreter.Declare(LISTENER):
            raise RuntimeError("cling refused the listener")

        # Through ctypes and with the GIL held: a call costs 1 us and takes none of cling's locks.
        def function(name: str, result: Any, *arguments: Any) -> Any:
            address = interpreter.Calc(f"(long)&hepbench_{name}")
            if not address:
                raise RuntimeError(f"cling did not compile hepbench_{name}")
            return ctypes.PYFUNCTYPE(result, *arguments)(address)

        self.state_marker = interpreter.GetInterpreterStateMarker  # another one after cling took in new code
        self.listen = function("listen", None, ctypes.c_int)
        self.watch_thread = function("watch_thread", None, ctypes.c_int)
        self._totals = function("totals", ctypes.POINTER(ctypes.c_double))()

    def totals(self) -> list[float]:
        """Seconds, of all threads: compilation wall and CPU, reads wall and CPU, CPU of event loops and of compilation
        elsewhere, and in event loops the CPU of setting up and of opening files.
        """
        return self._totals[:7]


def root_counters(process: Process) -> tuple[int, int] | None:
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
