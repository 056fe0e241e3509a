from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "core"

    def ready(self):
        from core import checks, token_paths  # noqa: F401  registers the checks

        token_paths.keep_out_of_logs()
