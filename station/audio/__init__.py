"""What is heard: probing, levelling, speech and tapes, each in a sandboxed child process."""
