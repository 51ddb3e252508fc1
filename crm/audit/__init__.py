"""Who saw, changed and exported what, when: events, the shop's own audit rows and the access log, read together."""
