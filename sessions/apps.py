from django.apps import AppConfig


class SessionsConfig(AppConfig):
    """Mentoring sessions. The label avoids a clash with django.contrib.sessions; a web session is request.session."""

    name = "sessions"
    label = "mentoring_sessions"

    def ready(self):
        from goals.default_due_dates import register_calendar
        from mentoring.closing import register_sessions
        from sessions import checks, pair_end  # noqa: F401  registers the checks
        from sessions.planning import default_due_on, next_session_on

        register_calendar(next_session_on, default_due_on)
        register_sessions(pair_end.planned, pair_end.cancel, pair_end.restore)
