from django.urls import include, path
from django.views.generic import RedirectView

from accounts import views
from accounts.second_factor import views as second_factor
from accounts.single_sign_on import views as single_sign_on

second_factor_urls = [
    path("", second_factor.mfa_index, name="mfa_index"),
    path("app/", second_factor.mfa_activate_totp, name="mfa_activate_totp"),
    path("app/remove/", second_factor.mfa_deactivate_totp, name="mfa_deactivate_totp"),
    path("passkeys/", RedirectView.as_view(pattern_name="mfa_index"), name="mfa_list_webauthn"),
    path("passkeys/new/", second_factor.mfa_add_webauthn, name="mfa_add_webauthn"),
    path("passkeys/<int:pk>/edit/", second_factor.mfa_edit_webauthn, name="mfa_edit_webauthn"),
    path("passkeys/<int:pk>/remove/", second_factor.mfa_remove_webauthn, name="mfa_remove_webauthn"),
    path("recovery-codes/", second_factor.mfa_view_recovery_codes, name="mfa_view_recovery_codes"),
    path("recovery-codes/download/", second_factor.recovery_codes_download, name="recovery_codes_download"),
    path("code/", second_factor.mfa_authenticate, name="mfa_authenticate"),
    path("confirm/", second_factor.mfa_reauthenticate, name="mfa_reauthenticate"),
    path("confirm/passkey/", second_factor.mfa_reauthenticate_webauthn, name="mfa_reauthenticate_webauthn"),
    path("passkey/", second_factor.mfa_login_webauthn, name="mfa_login_webauthn"),
]

urlpatterns = [
    # These override django-allauth's URLs of the same name, with our additions.
    path("accounts/login/", views.account_login, name="account_login"),
    path("accounts/logout/", views.account_logout, name="account_logout"),
    path("accounts/email/", views.account_email, name="account_email"),
    path("accounts/confirm-email/<str:key>/", views.account_confirm_email, name="account_confirm_email"),
    path("accounts/password/reset/", views.account_reset_password, name="account_reset_password"),
    path("accounts/password/set/", views.account_set_password, name="account_set_password"),
    path("accounts/reauthenticate/", views.account_reauthenticate, name="account_reauthenticate"),
    path("accounts/login/code/", views.account_request_login_code, name="account_request_login_code"),
    path("accounts/second-factor/", include(second_factor_urls)),
    path("accounts/single-sign-on/", single_sign_on.single_sign_on, name="single_sign_on"),
    path("accounts/single-sign-on/callback/", single_sign_on.single_sign_on_callback, name="single_sign_on_callback"),
    path("accounts/single-sign-on/saml/", single_sign_on.single_sign_on_saml, name="single_sign_on_saml"),
    path("accounts/single-sign-on/metadata/", single_sign_on.single_sign_on_metadata, name="single_sign_on_metadata"),
    path("accounts/single-sign-on/confirm/", single_sign_on.single_sign_on_confirm, name="single_sign_on_confirm"),
    path("preferences/sign-ins/", views.sign_in_list, name="sign_in_list"),
    path("preferences/sign-ins/<int:pk>/end/", views.sign_in_end, name="sign_in_end"),
    path("preferences/sign-ins/end-others/", views.sign_in_end_others, name="sign_in_end_others"),
    path("preferences/", views.preferences, name="preferences"),
    path("preferences/email/resume/", views.email_resume, name="email_resume"),
    path("preferences/days-off/", views.days_off_add, name="days_off_add"),
    path("preferences/days-off/remove/", views.days_off_remove, name="days_off_remove"),
    path("language/", views.set_language, name="set_language"),
    path("who-can-see-what/", views.who_can_see_what, name="who_can_see_what"),
    path("outbox/", views.outbox_list, name="outbox_list"),
    path("outbox/<int:pk>/", views.outbox_detail, name="outbox_detail"),
]
