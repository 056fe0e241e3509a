from django.apps import AppConfig


class RemindersConfig(AppConfig):
    name = "reminders"

    def ready(self):
        from mentoring import closing, revisions
        from reminders import figures, kinds, letters  # noqa: F401 - importing registers them
        from reminders.bell import pair_changed
        from reminders.kinds.endings import was_noticed

        closing.was_noticed.register(was_noticed)
        revisions.pair_changed.register(pair_changed)
