"""The independent truths: plain numpy over raw arrays, sharing no code with the analyses that they judge."""
