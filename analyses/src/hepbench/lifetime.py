"""Nothing outlives its parent: death signal from the kernel and end of a pipe, whose first line may be settings."""

import ctypes
import os
import signal
import sys
import threading

_PR_SET_PDEATHSIG = 1


def die_with_parent(parent: int | None = None, sig: int = signal.SIGKILL) -> None:
    """Asks the kernel to send `sig` when the thread that started this process ends; also inside C++ code.

    `parent` is its process as it was known before this one began: one that is asked for here may be the heir already.
    """
    if parent is None:
        parent = int(os.environ.pop("HEPBENCH_PARENT_PID", os.getppid()))
    if ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, sig) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG) failed")
    if os.getppid() != parent:  # the parent ended before the call above
        os._exit(1)


def die_with_pipe(fd: int | None = None) -> None:
    """Ends this process as soon as the other end of `fd` (default: standard input) is closed."""
    watched = sys.stdin.fileno() if fd is None else fd

    def watch() -> None:
        while os.read(watched, 4096):
            pass
        os._exit(0)

    threading.Thread(target=watch, name="die-with-pipe", daemon=True).start()


def first_line() -> str:
    """The first line of standard input. Reads no further: whoever waits for the end of the pipe still sees it."""
    line = b""
    while not line.endswith(b"\n"):
        byte = os.read(sys.stdin.fileno(), 1)
        if not byte:
            raise SystemExit("hepbench: standard input ended before its first line came")
        line += byte
    return line.decode()
