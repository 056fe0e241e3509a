from django.apps import AppConfig
from django.conf import settings


class CoreConfig(AppConfig):
    name = "core"

    def ready(self):
        from core import checks, error_reports, token_paths  # noqa: F401  registers the checks

        token_paths.keep_out_of_logs()
        if settings.SENTRY_DSN:
            error_reports.start(settings.SENTRY_DSN)
