"""Values that every layer shares: documents, positions, prompts, generation events, errors.

Nothing in here reads a file, starts a process or imports a third-party package.
"""
