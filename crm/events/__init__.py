"""The spine: one Event is timeline entry, audit row and outbox; its reactions follow after commit."""
