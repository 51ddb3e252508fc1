"""What is asked: kinds, versions, texts in each language, templates that can be sent as they are."""
