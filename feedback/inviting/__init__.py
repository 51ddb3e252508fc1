"""Who is asked and when: what brings an invitation about, sending, reminding, what waits and why."""
