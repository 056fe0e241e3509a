from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_out
from django.db.models.signals import post_save


class SessionsConfig(AppConfig):
    """Mentoring sessions. The label avoids a clash with django.contrib.sessions; a web session is request.session."""

    name = "sessions"
    label = "mentoring_sessions"

    def ready(self):
        from accounts.models import User
        from goals import default_due_dates
        from mentoring import pair_end_hooks, program_page
        from sessions import checks, pair_end, planning  # noqa: F401  registers the checks
        from sessions.session_room import live_poll

        user_logged_out.connect(live_poll.signed_out)
        post_save.connect(live_poll.account_changed, sender=User)
        default_due_dates.next_session_on.register(planning.next_session_on)
        default_due_dates.default_due_on.register(planning.default_due_on)
        program_page.next_starts.register(planning.next_starts)
        pair_end_hooks.planned_sessions.register(pair_end.planned)
        pair_end_hooks.cancel_sessions.register(pair_end.cancel)
        pair_end_hooks.restore_sessions.register(pair_end.restore)
