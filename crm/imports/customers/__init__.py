"""Files of customers: who they are, what they are known by, and what they do not want. Never what they allow."""
