"""The app in a browser on this machine: `coder --web`."""
