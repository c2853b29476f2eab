"""Synthetic NanoAOD-like datasets: deterministic content, ROOT files, manifests and the truth that belongs to them."""
