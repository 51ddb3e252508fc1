"""Models of when customers buy again and how much: numbers in, numbers out."""
