"""Every room under one roof, included by name: this package imports nothing upward."""

from django.urls import include, path

urlpatterns = [
    path("", include("accounts.urls")),
    path("accounts/", include("allauth.account.urls")),
    path("", include("mentoring.routes")),
    path("", include("goals.urls")),
    path("", include("sessions.urls")),
    path("", include("dashboard.urls")),
    path("", include("reminders.urls")),
]

handler404 = "accounts.errors.not_found"
handler500 = "accounts.errors.server_error"
handler429 = "accounts.errors.too_many_requests"  # django-allauth asks for it by this name
