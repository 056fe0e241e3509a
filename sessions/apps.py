from django.apps import AppConfig


class SessionsConfig(AppConfig):
    """Mentoring sessions. The label avoids a clash with django.contrib.sessions; a web session is request.session."""

    name = "sessions"
    label = "mentoring_sessions"

    def ready(self):
        from goals import default_due_dates
        from mentoring import closing
        from sessions import checks, pair_end, planning  # noqa: F401  registers the checks

        default_due_dates.next_session_on.register(planning.next_session_on)
        default_due_dates.default_due_on.register(planning.default_due_on)
        closing.planned_sessions.register(pair_end.planned)
        closing.cancel_sessions.register(pair_end.cancel)
        closing.restore_sessions.register(pair_end.restore)
