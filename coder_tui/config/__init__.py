"""Settings: where they are kept, what there is to set, and how files, environment and flags are put together."""
