"""The scheduler that Celery's beat uses (CELERY_BEAT_SCHEDULER)."""

from celery.beat import PersistentScheduler


class Scheduler(PersistentScheduler):
    """Go on at once after the clock was set back; Celery's own waits until the clock is where it had been."""

    def tick(self, *args, **kwargs):
        ahead = [entry for entry in self.schedule.values() if entry.last_run_at > entry.default_now()]
        for entry in ahead:
            entry.last_run_at = entry.default_now()
        if ahead:
            self._heap = None  # it is ordered by moments that have not come yet
        return super().tick(*args, **kwargs)
