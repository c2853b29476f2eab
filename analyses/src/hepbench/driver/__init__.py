"""The client process of a session: takes workloads, runs them, and serves what it saw."""
