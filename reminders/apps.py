from django.apps import AppConfig


class RemindersConfig(AppConfig):
    name = "reminders"

    def ready(self):
        from reminders import figures, kinds, letters  # noqa: F401 - they make themselves known
