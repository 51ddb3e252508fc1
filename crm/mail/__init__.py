"""One queue for everything that leaves the shop."""
