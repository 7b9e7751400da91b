"""The use cases, tied together from the layers below. What the command line and the terminal app share."""
