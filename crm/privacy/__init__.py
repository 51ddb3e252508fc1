"""Copy and erasure of everything about one person, the certificate, and the clock of old cards."""
