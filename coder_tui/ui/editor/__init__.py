"""The editor: tabs, the text areas in them, find and replace."""
