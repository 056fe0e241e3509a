"""Names of browsers and systems, read from the User-Agent header: "Firefox, Windows"."""

# In this order, because browsers also claim to be the ones they descend from.
BROWSERS = (
    *(("Edg", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser", "Samsung Internet"), ("Vivaldi", "Vivaldi")),
    *(("Firefox", "Firefox"), ("FxiOS", "Firefox"), ("CriOS", "Chrome"), ("Chrome", "Chrome"), ("Safari", "Safari")),
)
SYSTEMS = (
    *(("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows")),
    *(("CrOS", "ChromeOS"), ("Mac OS X", "Mac"), ("Linux", "Linux")),
)


def describe(user_agent: str) -> str:
    """Return the browser and its system without versions, or an empty string if neither is known."""
    return ", ".join(
        found
        for names in (BROWSERS, SYSTEMS)
        if (found := next((name for mark, name in names if mark in user_agent), ""))
    )
