"""The demo shop: real order histories, moved in time, of invented people."""
