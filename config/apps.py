from django.contrib.staticfiles import apps


class StaticFilesConfig(apps.StaticFilesConfig):
    """Django's static files, of which `collectstatic` leaves out what no page loads."""

    # django-htmx ships every version of htmx with all extensions; we serve htmx 2 only.
    ignore_patterns = [*apps.StaticFilesConfig.ignore_patterns, "htmax-*", "htmx-4*", "htmx-2.js", "ext"]
