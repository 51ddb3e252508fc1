"""Side-by-side measurements. Ratios within one run are quoted; seconds only say how large the machine was."""
