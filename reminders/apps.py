from django.apps import AppConfig


class RemindersConfig(AppConfig):
    name = "reminders"

    def ready(self):
        from dashboard import program_rules
        from mentoring import pair_end_hooks, revisions
        from mentoring.models.program import left
        from reminders import figures, intents, kinds  # noqa: F401 - importing registers them
        from reminders.bell import forget, pair_changed
        from reminders.kinds.endings import was_noticed

        pair_end_hooks.was_noticed.register(was_noticed)
        revisions.pair_changed.register(pair_changed)
        left.register(forget)
        program_rules.optional_reminders.register(intents.optional_reminders)
