"""Limits on how long a sign-in lasts."""

from datetime import timedelta

from django.contrib.auth import logout
from django.utils import timezone

from accounts.middleware import Middleware
from accounts.models import SignIn, User
from mentoring.second_factor import is_admin

ABSOLUTE = timedelta(days=30)
ADMIN_IDLE = timedelta(hours=12)  # for everybody else SESSION_COOKIE_AGE, 14 days
NOTICE_AFTER = timedelta(minutes=10)  # so that not every request writes


class SignInLimitsMiddleware(Middleware):
    """End a sign-in 30 days after it began, and a program admin's after 12 hours without a visit."""

    def __call__(self, request):
        if not request.user.is_authenticated:
            return self.get_response(request)
        web, now = request.session, timezone.now().timestamp()
        since, seen = web.setdefault("signed_in_at", now), web.get("seen_at", now)
        idle = timedelta(seconds=now - seen)
        if now - since > ABSOLUTE.total_seconds() or (idle > ADMIN_IDLE and is_admin(request.user)):
            logout(request)
        elif "seen_at" not in web or idle > NOTICE_AFTER:
            web["seen_at"] = now
            User.objects.filter(pk=request.user.pk).update(seen_at=timezone.now())
            SignIn.touch(request)
        elif "sign_in" in web and web.get("sign_in_key") != web.session_key:
            SignIn.touch(request)
        return self.get_response(request)
