"""The command line: parsing, printing, exit codes. stdout is data, stderr is narration."""
