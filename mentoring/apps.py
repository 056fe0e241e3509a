from django.apps import AppConfig
from django.contrib.staticfiles.apps import StaticFilesConfig


class MentoringConfig(AppConfig):
    name = "mentoring"

    def ready(self) -> None:
        from mentoring import checks  # noqa: F401  registers them


class StaticFiles(StaticFilesConfig):
    # django-htmx brings every version of htmx and its extensions; we serve htmx 2 alone.
    ignore_patterns = [*StaticFilesConfig.ignore_patterns, "htmax-*", "htmx-4*", "htmx-2.js", "ext"]
