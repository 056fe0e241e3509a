FROM python:3.13-slim

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 DATA_DIR=/data HOST=0.0.0.0 \
    STATIC_ROOT=/app/staticfiles HEARTBEAT_FILE=/tmp/heartbeat
WORKDIR /app

# Pango creates the PDF of a growth record; the fonts cover most of the world's scripts. `manage.py backup` needs pg_dump.
RUN apt-get update -qq && apt-get install -qq -y --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 \
    postgresql-client \
    fonts-noto-core fonts-noto-cjk fonts-noto-color-emoji \
    && rm -rf /var/lib/apt/lists/*

COPY requirements/sentry.txt requirements/
RUN pip install --no-cache-dir --require-hashes -r requirements/sentry.txt

COPY . .
# The containers cannot write here, so modules are compiled and static files collected now. The keys that this creates
# are deleted: each installation has its own.
RUN python -m compileall -q . \
    && DATA_DIR=/tmp/build python manage.py collectstatic --no-input --verbosity 0 \
    && rm -r /tmp/build && chmod -R a+rX .
RUN useradd --system --uid 10001 throughline && mkdir /data && chown throughline /data
USER throughline
VOLUME /data
EXPOSE 8000

CMD ["gunicorn", "config.wsgi", "--config", "python:config.gunicorn", "--bind", "0.0.0.0:8000"]
