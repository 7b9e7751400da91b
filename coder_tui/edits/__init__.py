"""Text files: reading them without losing a byte, showing a change as a diff, writing it in one step."""
