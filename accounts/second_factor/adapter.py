"""What `allauth.mfa` asks of the installation: encryption, names, words."""

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import InvalidToken
from django.conf import settings
from django.utils.html import format_html
from django.utils.translation import gettext, gettext_lazy

from core.fields import UnreadableText, cipher

QUIET_ZONE = 4  # modules of white around a QR code


class SecondFactorAdapter(DefaultMFAAdapter):
    """Adapter that encrypts secrets with PRIVATE_KEYS and draws the QR code as part of the page."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": gettext_lazy(
            "This code didn’t work. Enter the newest one, and check that your phone shows the right time."
        ),
        "unverified_email": gettext_lazy(
            "Confirm your email address first: sign out, then sign in again with a code by email."
        ),
    }

    def encrypt(self, text: str) -> str:
        return cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        try:
            return cipher().decrypt(encrypted_text.encode()).decode()
        except InvalidToken as error:
            raise UnreadableText("A second factor was stored with a key that is not in PRIVATE_KEYS.") from error

    def get_totp_issuer(self) -> str:
        return f"Throughline ({settings.SITE.hostname})"

    def build_totp_svg(self, url: str) -> str:
        """Return the QR code as SVG without styles, black on white also in dark mode, so that phones can read it."""
        from qrcode import QRCode

        code = QRCode(border=0)
        code.add_data(url)
        code.make()
        rows = code.get_matrix()
        squares = "".join(f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, dark in enumerate(row) if dark)
        size = len(rows) + 2 * QUIET_ZONE
        return format_html(
            '<svg role="img" aria-label="{}" width="232" height="232" viewBox="{} {} {} {}">'
            '<rect x="{}" y="{}" width="{}" height="{}" fill="#fff"/>'
            '<path fill="#000" shape-rendering="crispEdges" d="{}"/></svg>',
            gettext("QR code for your authenticator app"),
            *(-QUIET_ZONE, -QUIET_ZONE, size, size),
            *(-QUIET_ZONE, -QUIET_ZONE, size, size),
            squares,
        )

    def generate_authenticator_name(self, user, type) -> str:
        n = Authenticator.objects.filter(user=user, type=type).count()
        return gettext("Passkey %(number)s") % {"number": n + 1} if n else gettext("Passkey")

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return {"id": settings.SITE.hostname or "", "name": "Throughline"}
