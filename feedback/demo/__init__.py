"""The surveys of the demo shop."""
