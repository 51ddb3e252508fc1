"""One move over many customers: tag, assign, edit a field, leave out of figures. Set-based, and can be taken back."""
