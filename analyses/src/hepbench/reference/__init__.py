"""The independent truth: plain numpy over raw arrays, sharing no code with the analyses that it judges."""
