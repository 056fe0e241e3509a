"""Django settings for all environments, with two main switches.

DATABASE_URL  PostgreSQL instead of the SQLite file in data/.
REDIS_URL     Redis instead of the embedded Valkey on a socket in data/.

Also important: SITE_URL (links, cookies, hosts) and EMAIL_URL (outgoing mail). docs/configuration.md lists the rest.
Invalid values stop the start with a hint: see core/checks.py.
"""

import os
import sys
from pathlib import Path

from celery.schedules import crontab

from config import env
from config.keys import read_or_create_key, restrict_permissions
from operations.broker import socket_path_in

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(os.environ.get("DATA_DIR") or BASE_DIR / "data").resolve()
TESTING = "pytest" in sys.modules
restrict_permissions(DATA_DIR)

DEBUG = env.switch("DEBUG")
# Where `manage.py serve` listens. SITE_URL is the public URL, which differs behind a proxy.
HOST, PORT = os.environ.get("HOST") or "127.0.0.1", env.number("PORT", 8000, at_most=65535)
SITE = env.site(f"http://localhost:{PORT}")
SITE_URL = f"{SITE.scheme}://{SITE.netloc}"
HTTPS = SITE.scheme == "https"
WEB_WORKERS = env.number("WEB_WORKERS", 2, at_least=1, at_most=100)  # processes
WEB_THREADS = env.number("WEB_THREADS", 4, at_least=1, at_most=64)  # requests that each process answers at once
WEB_READ_TIMEOUT = env.number("WEB_READ_TIMEOUT", 10, at_least=1, at_most=600)  # seconds
# Number of proxies that add to X-Forwarded-For. The web server speaks http only, so https implies one.
PROXIES = env.number("BEHIND_PROXY", 1 if HTTPS else 0, at_most=9)
LOCAL_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
ALLOWED_HOSTS = [SITE.hostname or "localhost", *LOCAL_HOSTS]
CSRF_TRUSTED_ORIGINS = [f"{SITE.scheme}://{SITE.netloc}"]
SECRET_KEY = env.secret("SECRET_KEY") or read_or_create_key(DATA_DIR / "secret_key")
# Keys for private text (core/fields.py), comma-separated: the first encrypts, all decrypt.
PRIVATE_KEYS = (env.secret("PRIVATE_KEYS") or read_or_create_key(DATA_DIR / "private_key", fernet=True)).split(",")

INSTALLED_APPS = [
    "core",
    "accounts",
    "mentoring",
    "goals",
    "sessions.apps.SessionsConfig",
    "practice",
    "records",
    "dashboard",
    "reminders",
    "api",
    "demo",
    "operations",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "csp",
    "django_htmx",
    "heroicons",
    "django.forms",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "config.apps.StaticFilesConfig",
]

MIDDLEWARE = [
    "core.logs.RequestIdMiddleware",
    "core.headers.SecurityHeadersMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "sessions.session_room.live_poll.LivePollMiddleware",
    "api.middleware.ApiMiddleware",
    "accounts.middleware.Utf8OnlyMiddleware",
    "accounts.middleware.BodyLimitMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "accounts.middleware.NoReferrerMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "accounts.middleware.SameOriginMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "mentoring.sign_in_duration.SignInLimitsMiddleware",
    "accounts.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "accounts.middleware.HtmxMessagesMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.middleware.DeviceCookieMiddleware",
    "accounts.middleware.PreferencesMiddleware",
    "accounts.middleware.PostLimitMiddleware",
    "reminders.bell.BellMiddleware",
    "accounts.middleware.RefusalAuditMiddleware",
    "mentoring.second_factor.SecondFactorMiddleware",
    "accounts.middleware.FormErrorStatusMiddleware",
    "accounts.middleware.ErrorPageMiddleware",
    "accounts.middleware.DeadlockRetryMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "accounts.context_processors.installation",
                "reminders.context_processors.bar",
            ],
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "core.templatetags.charts",
                "core.templatetags.throughline",
            ],
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        "django.template.loaders.filesystem.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ]
            if not DEBUG
            else [
                "django.template.loaders.filesystem.Loader",
                "django.template.loaders.app_directories.Loader",
            ],
        },
    }
]

FORM_RENDERER = "django.forms.renderers.TemplatesSetting"  # fields use templates/django/forms

# --- Switch one: the database -------------------------------------------------------------------------------

DATABASES = {
    "default": env.database()
    or {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": DATA_DIR / "throughline.sqlite3",
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;"
            " PRAGMA secure_delete=ON;",  # what is deleted is gone from the file, too
        },
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Switch two: broker and shared cache --------------------------------------------------------------------

BROKER_SOCKET = socket_path_in(DATA_DIR)
REDIS_URL = env.redis(f"unix://{BROKER_SOCKET}")
CACHES = {
    "default": {
        "BACKEND": "core.cache.ForgivingRedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "throughline",
    },
    # For {% cache %}, in the memory of each process: navigation, which is the same for everyone who sees it.
    "template_fragments": {
        "BACKEND": f"django.core.cache.backends.{'dummy.DummyCache' if DEBUG else 'locmem.LocMemCache'}",
        "OPTIONS": {"MAX_ENTRIES": 2000},
    },
}

CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://", 1)
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_SOFT_TIME_LIMIT = 60
CELERY_TASK_TIME_LIMIT = 90
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 600}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 30
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_BEAT_SYNC_EVERY = 1
CELERY_BEAT_SCHEDULER = "config.beat:Scheduler"
CELERY_BEAT_MAX_LOOP_INTERVAL = 60  # seconds within which a clock set back is detected
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "beat-schedule")
CELERY_TIMEZONE = "UTC"
HEARTBEAT_FILE = os.environ.get("HEARTBEAT_FILE", "")  # config/heartbeat.py
# Tasks that wait for the servers of others. All three together take less than the 90 seconds within which a lone worker
# has to tick (reminders/health.py). What has not begun before the next one is due is dropped, so that none pile up.
WAITS_FOR_OTHERS = {"schedule": 60, "options": {"expires": 50}}
# All periodic tasks.
CELERY_BEAT_SCHEDULE = {
    "plan and send reminders": {"task": "reminders.tasks.plan_and_send", "schedule": 60},
    # Dropped if no worker is idle, so that a backlog does not delay other tasks.
    "plan waiting pairs": {"task": "reminders.tasks.plan_waiting", "schedule": 20, "options": {"expires": 10}},
    "send waiting emails": {"task": "reminders.tasks.send_waiting", "schedule": 20, "options": {"expires": 10}},
    "send chat messages": {"task": "reminders.tasks.send_chat_messages"} | WAITS_FOR_OTHERS,
    "ask next mentors": {"task": "mentoring.tasks.ask_next_mentors", "schedule": 600},
    "update flags": {"task": "dashboard.tasks.update_flags", "schedule": 600},
    "update all flags": {"task": "dashboard.tasks.update_all_flags", "schedule": crontab(hour=2, minute=30)},
    "erase people": {"task": "operations.tasks.erase_people", "schedule": 600},
    "delete expired data": {"task": "reminders.tasks.delete_expired_data", "schedule": crontab(hour=3, minute=40)},
    "delete expired people": {
        "task": "operations.tasks.delete_expired_people",
        "schedule": crontab(hour=4, minute=10),
    },
    "prepare digests": {"task": "dashboard.tasks.prepare_digests", "schedule": crontab(hour=3, minute=0)},
    "count figures": {"task": "dashboard.tasks.count_figures", "schedule": crontab(hour=3, minute=10)},
    "end roles of groups": {"task": "mentoring.tasks.end_roles_of_groups", "schedule": crontab(hour=3, minute=20)},
    "send webhooks": {"task": "api.tasks.send_webhooks"} | WAITS_FOR_OTHERS,
    "read calendars": {"task": "sessions.tasks.read_calendars"} | WAITS_FOR_OTHERS,
    "start pairs": {"task": "mentoring.tasks.start_pairs", "schedule": 10},
    "import people": {"task": "mentoring.tasks.import_people", "schedule": 10},
}

# --- Mail ---------------------------------------------------------------------------------------------------

DEFAULT_FROM_EMAIL = SERVER_EMAIL = os.environ.get("MAIL_FROM") or f"Throughline <throughline@{SITE.hostname}>"
EMAIL_URL = env.secret("EMAIL_URL")
EMAIL_TIMEOUT = 30
# Without EMAIL_URL messages are stored in the database; the Mail page shows them in demos and in development.
EMAIL_BACKEND = "accounts.outbox.EmailBackend"
if EMAIL_URL:
    globals().update(env.mail(EMAIL_URL))

# The mailbox for bounces, and the URL to ping every minute while the installation is healthy.
BOUNCES_TO = env.bounces()
HEALTH_PING_URL = env.ping()
SOURCE_URL = os.environ.get("SOURCE_URL", "")  # where people find the source of a changed version
SECURITY_CONTACT = env.security_contact()  # without it, /.well-known/security.txt answers 404
# Whether addresses that people enter may be private ones, and without https: for servers in one’s own network.
WEBHOOKS_TO_PRIVATE = env.switch("WEBHOOKS_TO_PRIVATE")  # set by program admins
CONNECTIONS_TO_PRIVATE = env.switch("CONNECTIONS_TO_PRIVATE")  # chats and calendars, set by everyone
METRICS_KEY = env.secret("METRICS_KEY")  # without it, /metrics answers 404
SENTRY_DSN = env.sentry()  # where errors are reported (core/error_reports.py)

# Months after its end until the content of a pair is deleted; both people are notified sixty days before.
RETENTION_MONTHS = env.number("RETENTION_MONTHS", 12, at_least=3, at_most=120)

# What becomes of the text that an erased person shared in a pair: "keep" it for the partner until the retention period
# ends, or "purge" it for both thirty days after the erasure, of which the partner is notified.
ERASED_TEXT = env.choice("ERASED_TEXT", "keep", "purge")

# --- People -------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("name", "email")},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "accounts.passwords.SiteWordsValidator"},
    {"NAME": "accounts.passwords.PasswordListValidator"},
]
PASSWORD_LIST = env.file("PASSWORD_LIST")  # more passwords that nobody may choose, one a line
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
PASSWORD_RESET_TIMEOUT = 3600
OPEN_REGISTRATION = env.switch("OPEN_REGISTRATION")

ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "optional"
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 600
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_SIGNUP_FORM_CLASS = "accounts.forms.SignupForm"
ACCOUNT_FORMS = {
    "login": "accounts.sign_in_forms.LoginForm",
    "request_login_code": "accounts.sign_in_forms.RequestLoginCodeForm",
    "reset_password": "accounts.sign_in_forms.ResetPasswordForm",
    "signup": "accounts.sign_in_forms.SignupForm",
}
ACCOUNT_DEFAULT_HTTP_PROTOCOL = SITE.scheme
ACCOUNT_RATE_LIMITS = {  # failed sign-ins are limited in accounts.models.SignInFailure
    "reset_password": "20/m/ip,5/m/key",
    "signup": "20/m/ip",
    "single_sign_on": "60/m/ip",
    "single_sign_on_answer": "60/m/ip",
    "apply": "20/m/ip",
    "application_code": "5/h/key",
    "change_address": "10/h/user",
    "huddle": "30/h/user",
    "download_own_data": "3/h/user",
    "opportunity": "30/h/user",
}

ACCOUNT_REAUTHENTICATION_TIMEOUT = 15 * 60
# Whether program admins need a second factor before program pages; never in a demo (mentoring/second_factor.py).
ADMIN_SECOND_FACTOR = env.switch("ADMIN_SECOND_FACTOR", default=HTTPS)
IDENTITY_PROVIDER = env.identity_provider()  # at which people can sign in (docs/sign-in.md)
SCIM_TOKEN = env.token("SCIM_TOKEN")  # for the directory that adds people and closes their accounts
SOCIALACCOUNT_ADAPTER = "accounts.single_sign_on.adapter.SingleSignOnAdapter"
MFA_ADAPTER = "accounts.second_factor.adapter.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
# Each passkey signs in by itself, so that a fingerprint, face or PIN is always asked for, also after a password.
MFA_WEBAUTHN_USER_VERIFICATION = "required"
MFA_TOTP_TOLERANCE = 1  # a code of the half minute before or after, for clocks that differ
# Where strangers can sign up, one of them must not lock the owner out of an address that is not theirs.
MFA_ALLOW_UNVERIFIED_EMAIL = not OPEN_REGISTRATION
MFA_FORMS = {
    "authenticate": "accounts.second_factor.forms.AuthenticateForm",
    "reauthenticate": "accounts.second_factor.forms.ReauthenticateForm",
    "activate_totp": "accounts.second_factor.forms.ActivateAppForm",
    "add_webauthn": "accounts.second_factor.forms.AddPasskeyForm",
    "edit_webauthn": "accounts.second_factor.forms.EditPasskeyForm",
    "authenticate_webauthn": "accounts.second_factor.forms.AuthenticatePasskeyForm",
    "login_webauthn": "accounts.second_factor.forms.LoginPasskeyForm",
    "reauthenticate_webauthn": "accounts.second_factor.forms.ReauthenticatePasskeyForm",
}

# --- Security -----------------------------------------------------------------------------------------------

SESSION_COOKIE_AGE = 14 * 24 * 3600
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_NAME = "__Host-session" if HTTPS else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if HTTPS else "csrf"
DEVICE_COOKIE_NAME = "__Host-device" if HTTPS else "device"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
# Messages may contain user input, which must not stay in a cookie on the computer.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
CSRF_FAILURE_VIEW = "core.errors.csrf_failure"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [
    r"^(healthz|livez|metrics)$",  # requested directly from the web server, without the proxy
    r"^(api/v1|scim)/",  # refused over http: a redirect would hide that a token is sent unencrypted
]
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if PROXIES else None
ALLAUTH_TRUSTED_PROXY_COUNT = PROXIES
X_FRAME_OPTIONS = "DENY"
# Subdomains and HSTS preloading are decisions of the operator (W005, W021).
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
if not HTTPS:
    # Plain http is for this machine only; core/checks.py rejects it for any other host.
    SILENCED_SYSTEM_CHECKS += ["security.W004", "security.W008", "security.W012", "security.W016"]
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "manifest-src": ["'self'"],
        "worker-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000

# --- Language and time --------------------------------------------------------------------------------------

USE_TZ = True
TIME_ZONE = "UTC"  # for storage and logs; pages use the reader's time zone
# Each with the name that its speakers use. LANGUAGES restricts them; the first one is for people who chose none.
ALL_LANGUAGES = {"en": "English", "de": "Deutsch", "es": "Español"}
LANGUAGES = [(code, ALL_LANGUAGES[code]) for code in env.choices("LANGUAGES", ALL_LANGUAGES)]
LANGUAGE_CODE = LANGUAGES[0][0]
LANGUAGE_COOKIE_NAME = "__Host-language" if HTTPS else "language"
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
LANGUAGE_COOKIE_SECURE, LANGUAGE_COOKIE_HTTPONLY, LANGUAGE_COOKIE_SAMESITE = HTTPS, True, "Lax"
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = "core.formats"

# --- Files --------------------------------------------------------------------------------------------------

STATIC_URL = "static/"
STATIC_ROOT = Path(os.environ.get("STATIC_ROOT") or DATA_DIR / "static")  # of the image: collected when it was built
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
WHITENOISE_ALLOW_ALL_ORIGINS = False
WHITENOISE_AUTOREFRESH = WHITENOISE_USE_FINDERS = TESTING or DEBUG
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if TESTING or DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"},
        "json": {"()": "core.logs.JsonFormatter"},
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": env.choice("LOG_FORMAT", "line", "json")}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        # Use the root handler: Django's own would email local variables, which contain private content.
        "django": {"handlers": [], "level": "INFO"},
        # Do not log 404s: they are harmless, and the URL may contain a token.
        "django.request": {"level": "ERROR"},
        "django.server": {"handlers": [], "level": "WARNING"},
        # They would log characters of a growth record, and so leak private content.
        "weasyprint": {"level": "ERROR"},
        "fontTools": {"level": "ERROR"},
    },
}
