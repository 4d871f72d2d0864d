# The command in a container: `make dist`, then `docker build -t migration-monitor .`
#
#   docker run --rm --read-only --tmpfs /tmp -e DATABASE_URL -v "$PWD/prisma:/work/prisma:ro" migration-monitor \
#       check --migrations prisma/migrations
#
# CI lints this file and does not build it. Give the digest of the base: `--build-arg PYTHON=…@sha256:…`.
ARG PYTHON=python:3.13-slim
FROM ${PYTHON} AS installed
COPY dist/migration_monitor-*.whl /wheel/
RUN python -m venv /opt/migration-monitor \
    && /opt/migration-monitor/bin/pip install --no-cache-dir "$(echo /wheel/*.whl)[azure]"

FROM ${PYTHON}
COPY --from=installed /opt/migration-monitor /opt/migration-monitor
# Nothing is written but reports: --output and the memory's folder need a volume.
ENV PATH="/opt/migration-monitor/bin:$PATH" PYTHONDONTWRITEBYTECODE=1
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin monitor
USER 10001
WORKDIR /work
ENTRYPOINT ["migration-monitor"]
CMD ["--help"]
