"""What a browser says it is, in two words: enough to know one's own device again, and no more of it is kept."""

from django.http import HttpRequest

from shop.addresses import client_address

# The first that is named counts: nearly all of them also call themselves Safari, Chrome or Linux.
BROWSERS = {
    "Edg": "Edge",
    "OPR/": "Opera",
    "YaBrowser": "Yandex Browser",
    "SamsungBrowser": "Samsung Internet",
    "Firefox": "Firefox",
    "FxiOS": "Firefox",
    "CriOS": "Chrome",
    "Chrome": "Chrome",
    "Safari": "Safari",
}
SYSTEMS = {
    "Android": "Android",
    "iPhone": "iPhone",
    "iPad": "iPad",
    "CrOS": "ChromeOS",
    "Windows": "Windows",
    "Macintosh": "macOS",
    "Linux": "Linux",
}


def seen_from(request: HttpRequest) -> tuple[str, str, str]:
    """Address, browser and system; empty where it says nothing we know."""
    agent = request.headers.get("User-Agent", "")
    return client_address(request), _first(BROWSERS, agent), _first(SYSTEMS, agent)


def _first(names: dict[str, str], agent: str) -> str:
    return next((name for sign, name in names.items() if sign in agent), "")
