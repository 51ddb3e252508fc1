"""What the card, Today and other pages show, by place: dotted names of functions(request, …) -> Panel or None."""

PANELS: dict[str, list[str]] = {"card": [], "today": []}
