"""Files of the kernel."""

import os


def text_of(path: str) -> str:
    # Opened anew each time: a kept /proc/self descriptor would show the parent after a fork.
    descriptor = os.open(path, os.O_RDONLY)
    try:
        parts = iter(lambda: os.read(descriptor, 1 << 16), b"")  # /proc files may come a page at a time
        return b"".join(parts).decode(errors="replace")
    finally:
        os.close(descriptor)


def table_of(text: str) -> dict[str, int]:
    return {key.rstrip(":"): int(value) for key, value in (line.split() for line in text.splitlines())}
