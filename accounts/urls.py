from django.urls import path

from accounts import views

urlpatterns = [
    # These override django-allauth's URLs of the same name, with our additions.
    path("accounts/login/", views.account_login, name="account_login"),
    path("accounts/logout/", views.account_logout, name="account_logout"),
    path("accounts/email/", views.account_email, name="account_email"),
    path("accounts/confirm-email/<str:key>/", views.account_confirm_email, name="account_confirm_email"),
    path("accounts/password/reset/", views.account_reset_password, name="account_reset_password"),
    path("accounts/login/code/", views.account_request_login_code, name="account_request_login_code"),
    path("preferences/", views.preferences, name="preferences"),
    path("preferences/email/resume/", views.email_resume, name="email_resume"),
    path("preferences/days-off/", views.days_off_add, name="days_off_add"),
    path("preferences/days-off/remove/", views.days_off_remove, name="days_off_remove"),
    path("language/", views.set_language, name="set_language"),
    path("who-can-see-what/", views.who_can_see_what, name="who_can_see_what"),
    path("outbox/", views.outbox_list, name="outbox_list"),
    path("outbox/<int:pk>/", views.outbox_detail, name="outbox_detail"),
]
