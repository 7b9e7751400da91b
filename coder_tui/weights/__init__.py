"""Weights: the catalogue, reading GGUF files, fetching and checking them, and what fits this machine."""
