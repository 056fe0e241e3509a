from django.urls import path

from reminders.views import connections, email_links, notifications

urlpatterns = [
    path("inbox/", notifications.inbox_list, name="inbox_list"),
    path("inbox/read/", notifications.inbox_read, name="inbox_read"),
    path("inbox/<int:pk>/read/", notifications.reminder_read, name="reminder_read"),
    path("inbox/<int:pk>/snooze/", notifications.reminder_snooze, name="reminder_snooze"),
    path("notifications/", notifications.notifications, name="notifications"),
    path("notifications/upcoming/", notifications.upcoming, name="upcoming"),
    path("notifications/links/", notifications.links_revoke, name="links_revoke"),
    path("connections/", connections.connections, name="connections"),
    path("connections/chat/", connections.chat_connect, name="chat_connect"),
    path("connections/chat/choose/", connections.chat_choose, name="chat_choose"),
    path("connections/chat/test/", connections.chat_test, name="chat_test"),
    path("connections/chat/remove/", connections.chat_disconnect, name="chat_disconnect"),
    path("connections/calendar/", connections.calendar_connect, name="calendar_connect"),
    path("connections/calendar/read/", connections.calendar_read, name="calendar_read"),
    path("connections/calendar/remove/", connections.calendar_disconnect, name="calendar_disconnect"),
    path("programs/<int:pk>/reminders/", notifications.program_reminders, name="program_reminders"),
    path("programs/<int:pk>/overview/email/", notifications.overview_email, name="overview_email"),
    # links in emails
    path("m/commitment/<str:token>/", email_links.email_commitment, name="email_commitment"),
    path("m/met/<str:token>/", email_links.email_met, name="email_met"),
    path("m/update/<str:token>/", email_links.email_update, name="email_update"),
    path("m/check-in/<str:token>/", email_links.email_check_in, name="email_check_in"),
    path("m/help/<str:token>/", email_links.email_help, name="email_help"),
    path("m/indicator/<str:token>/", email_links.email_indicator, name="email_indicator"),
    path("m/stop/<str:token>/", email_links.email_stop, name="email_stop"),
]
