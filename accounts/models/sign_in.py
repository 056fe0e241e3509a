import secrets
from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth import update_session_auth_hash
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.models import Session as WebSession
from django.db import models, transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts.browsers import describe

if TYPE_CHECKING:
    from accounts.models.user import User

MAX_AGE = timedelta(days=30)  # the longest that a sign-in lasts (mentoring/sign_in_duration.py)
MOST_SHOWN = 50
FORGOTTEN = "-"  # no digest of a cookie: the device counts as new at its next sign-in


class SignIn(models.Model):
    """A browser in which a person is or was signed in: for the list of devices, and to notice new ones.

    Neither address nor location is stored. The web session keeps the key of its row in `sign_in`.
    """

    REMEMBERED = timedelta(days=90)

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="sign_ins")
    session_key = models.CharField(max_length=40, blank=True)  # empty once it has ended
    device_digest = models.CharField(max_length=64, blank=True)  # of a random cookie; empty for earlier sign-ins
    browser = models.CharField(max_length=60, blank=True)
    new_device_at = models.DateTimeField(null=True, blank=True)  # set if the person gets an email about it
    created_at = models.DateTimeField(default=timezone.now)
    seen_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        indexes = [
            models.Index(fields=["user", "seen_at"]),
            models.Index(
                fields=["new_device_at"],
                condition=models.Q(new_device_at__isnull=False),
                name="sign_ins_on_new_devices",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.browser} {self.seen_at:%Y-%m-%d %H:%M}"

    @classmethod
    def begin(cls, request, user: "User", announce: bool = True) -> None:
        """Store a sign-in that has just happened, and whether it is on a device that is new for this person.

        A device is known by its cookie for 90 days. The first sign-in of all is not on a new device, and one from
        before these cookies existed is known by its browser. `announce`: the person gets an email about a
        new device, through the ledger, so that the sign-in does not wait for the mail server.
        """
        browser, now = describe(request.META.get("HTTP_USER_AGENT", "")), timezone.now()
        token = request.COOKIES.get(settings.DEVICE_COOKIE_NAME, "")[:100]
        if not token:
            token = request.new_device_token = secrets.token_urlsafe(16)
        digest = salted_hmac("accounts.SignIn", token, algorithm="sha256").hexdigest()
        recent = cls.objects.filter(user=user, seen_at__gt=now - cls.REMEMBERED)
        is_known = recent.filter(models.Q(device_digest=digest) | models.Q(device_digest="", browser=browser)).exists()
        is_new = not is_known and recent.exists()
        at = now if is_new and announce else None
        row = cls.objects.create(user=user, browser=browser, device_digest=digest, new_device_at=at)
        request.session["sign_in"] = row.pk
        row.keep_key(request.session)

    @classmethod
    def touch(cls, request) -> None:
        """Store that the person is here now, and the key of their web session, which a new password changes."""
        row = cls.objects.filter(pk=request.session.get("sign_in"), user=request.user).first()
        if row is None:  # a sign-in from before this was stored
            row = cls.objects.create(user=request.user, browser=describe(request.META.get("HTTP_USER_AGENT", "")))
            request.session["sign_in"] = row.pk
        row.keep_key(request.session)

    def keep_key(self, web: SessionBase) -> None:
        web["sign_in_key"] = self.session_key = web.session_key or ""
        self.seen_at = timezone.now()
        self.save(update_fields=["session_key", "seen_at"])

    @classmethod
    def current(cls, user: "User") -> list["SignIn"]:
        """Return where the person is signed in now, the latest visit first."""
        found = cls.objects.filter(user=user, created_at__gt=timezone.now() - MAX_AGE).exclude(session_key="")
        rows = list(found.order_by("-seen_at")[:MOST_SHOWN])
        keys = WebSession.objects.filter(session_key__in=[row.session_key for row in rows])
        alive = set(keys.filter(expire_date__gt=timezone.now()).values_list("session_key", flat=True))
        return [row for row in rows if row.session_key in alive]

    def end(self) -> None:
        """Sign this browser out, and forget the device; the row stays, as its email may not be sent yet."""
        WebSession.objects.filter(session_key=self.session_key).delete()
        type(self).objects.filter(pk=self.pk).update(session_key="", device_digest=FORGOTTEN)

    @classmethod
    def end_others(cls, request, forget: bool = True) -> None:
        """Sign the person out everywhere but here: every other web session stops working at its next request.

        `forget`: the next sign-in on those devices is announced as one on a new device.
        """
        with transaction.atomic():
            request.user.end_web_sessions()
            update_session_auth_hash(request, request.user)
            others = cls.objects.filter(user=request.user).exclude(pk=request.session.get("sign_in"))
            others.update(session_key="", **({"device_digest": FORGOTTEN} if forget else {}))
            cls.touch(request)
