"""The WSGI application: memory for the frames of a page."""

import resource

from config.wsgi import with_room_for_frames


def call_often():
    for _ in range(200):
        (lambda: None)()


def at_depth(depth):
    return at_depth(depth - 1) if depth else call_often()


def page_faults(depth):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    at_depth(depth)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before


def test_calls_at_any_depth_return_no_memory_to_the_system():
    def application(environ, start_response):
        return max(page_faults(depth) for depth in range(400))

    assert with_room_for_frames(application)({}, None) < 100
