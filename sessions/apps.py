from django.apps import AppConfig


class SessionsConfig(AppConfig):
    """Mentoring sessions. The label keeps clear of django.contrib.sessions; a web session is request.session."""

    name = "sessions"
    label = "mentoring_sessions"

    def ready(self):
        from goals.due import ask_calendar
        from sessions import checks  # noqa: F401  registers them
        from sessions.planning import default_due_on, next_session_on

        ask_calendar(next_session_on, default_due_on)
