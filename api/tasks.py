from celery import shared_task

from api import webhooks


@shared_task
def send_webhooks() -> None:
    """Store what happened for the addresses of programs, and send what is due."""
    webhooks.plan()
    webhooks.send_due()
