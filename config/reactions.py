"""What follows an event, after commit: kind -> dotted names of functions that take a list of events."""

REACTIONS: dict[str, list[str]] = {}
