from django.urls import path

from reminders.views import answers, notifications

urlpatterns = [
    path("inbox/", notifications.inbox_list, name="inbox_list"),
    path("inbox/read/", notifications.inbox_read, name="inbox_read"),
    path("inbox/<int:pk>/read/", notifications.reminder_read, name="reminder_read"),
    path("inbox/<int:pk>/snooze/", notifications.reminder_snooze, name="reminder_snooze"),
    path("notifications/", notifications.notifications, name="notifications"),
    path("notifications/coming/", notifications.coming, name="coming"),
    path("notifications/links/", notifications.links_revoke, name="links_revoke"),
    path("programs/<int:pk>/reminders/", notifications.program_reminders, name="program_reminders"),
    # links in emails
    path("m/commitment/<str:token>/", answers.mail_commitment, name="mail_commitment"),
    path("m/met/<str:token>/", answers.mail_met, name="mail_met"),
    path("m/update/<str:token>/", answers.mail_update, name="mail_update"),
    path("m/check-in/<str:token>/", answers.mail_check_in, name="mail_check_in"),
    path("m/help/<str:token>/", answers.mail_help, name="mail_help"),
    path("m/indicator/<str:token>/", answers.mail_indicator, name="mail_indicator"),
    path("m/stop/<str:token>/", answers.mail_stop, name="mail_stop"),
]
