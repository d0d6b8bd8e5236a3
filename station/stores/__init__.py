"""What is kept: database, config, schedule files, library, as-run log, people."""
