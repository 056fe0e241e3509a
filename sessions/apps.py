from django.apps import AppConfig


class SessionsConfig(AppConfig):
    """Mentoring sessions. The label keeps clear of django.contrib.sessions; a web session is request.session."""

    name = "sessions"
    label = "mentoring_sessions"
