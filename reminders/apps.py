from django.apps import AppConfig


class RemindersConfig(AppConfig):
    name = "reminders"

    def ready(self):
        from mentoring.closing import register_notices
        from reminders import figures, kinds, letters  # noqa: F401 - importing registers them
        from reminders.kinds.endings import was_noticed

        register_notices(was_noticed)
