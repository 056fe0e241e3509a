"""The scheduler for Celery beat (CELERY_BEAT_SCHEDULER)."""

from celery.beat import PersistentScheduler

from config import heartbeat


class Scheduler(PersistentScheduler):
    """Scheduler that keeps running when the clock is set back; Celery's own pauses until the clock catches up."""

    def tick(self, *args, **kwargs):
        heartbeat.touch()
        ahead = [entry for entry in self.schedule.values() if entry.last_run_at > entry.default_now()]
        for entry in ahead:
            entry.last_run_at = entry.default_now()
        if ahead:
            self._heap = None  # rebuild it: its order is based on times in the future
        return super().tick(*args, **kwargs)
