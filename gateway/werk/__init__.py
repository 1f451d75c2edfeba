"""What people do about a cause on our own side, for commands, pages and API alike."""
