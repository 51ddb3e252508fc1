"""Complaints: their deadlines, the list, the watch over what grows late, files, the figures of the team."""
