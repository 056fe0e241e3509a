from celery import shared_task


@shared_task
def tick() -> None:
    """Wake up: plan what changed, send what is due."""
