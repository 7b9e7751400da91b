"""Figures about the program: replayed typing, speed of decoding, start-up. What `coder bench` runs and prints."""
