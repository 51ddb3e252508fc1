"""HTTP to addresses that somebody typed: one guarded client, so that nobody reaches into our own network with it."""
