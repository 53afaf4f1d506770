"""Speed and memory, always as a ratio to a peer or to a stated bound measured in the same run."""
