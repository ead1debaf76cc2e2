# The service as one small image: no compiler, no pip cache, no secret, nothing to write but /tmp and /data.
#
#   docker build --tag neuropathy-cds:0.1.0 .
#   docker run --read-only --tmpfs /tmp --cap-drop ALL --publish 8000:8000 --volume cds-ledger:/data \
#       --volume /etc/neuropathy-cds:/site:ro --env CDS_SERVICE_SITE=/site/site.toml neuropathy-cds:0.1.0
#
# The ledger is in /data, which needs a volume to outlive the container; CDS_SERVICE_DATABASE names a PostgreSQL instead
# (deploy/). With neither, cards go on, feedback is refused, and /readyz says so.
#
# Inside a container the service listens on every address. Without a trusted client in the site file it refuses to
# start there, unless that file says `allow_open = true`, which is for trials with made-up patients.
# The base is pinned by tag; a release may build from a digest: --build-arg PYTHON_IMAGE=python@sha256:…
ARG PYTHON_IMAGE=python:3.11-slim-bookworm

FROM ${PYTHON_IMAGE} AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /build
RUN python -m venv --without-pip /opt/neuropathy-cds && mkdir /data
COPY requirements.lock requirements-build.lock ./
RUN pip install --require-hashes --only-binary :all: -r requirements-build.lock \
 && pip --python /opt/neuropathy-cds/bin/python install --require-hashes --only-binary :all: --no-compile \
      -r requirements.lock
COPY pyproject.toml README.md LICENSE NOTICE ./
COPY cards cards
COPY cds_service cds_service
COPY fhir_fixtures/patients fhir_fixtures/patients
# Bytecode is written here, unchecked: the running service could not write it, and nothing under it changes.
RUN pip wheel --no-build-isolation --no-deps --wheel-dir dist . \
 && pip --python /opt/neuropathy-cds/bin/python install --no-index --no-deps --no-compile dist/*.whl \
 && /opt/neuropathy-cds/bin/python -m compileall -q --invalidation-mode unchecked-hash /opt/neuropathy-cds/lib

FROM ${PYTHON_IMAGE}
LABEL org.opencontainers.image.title="neuropathy-cds" \
      org.opencontainers.image.description="CDS Hooks service that reviews drug orders for neuropathy and immunotherapy safety" \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.licenses="Apache-2.0"
ENV PATH=/opt/neuropathy-cds/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 \
    CDS_SERVICE_DATABASE=sqlite:////data/ledger.sqlite3
COPY --from=build /opt/neuropathy-cds /opt/neuropathy-cds
COPY --from=build --chown=10001:10001 /data /data
USER 10001:10001
WORKDIR /tmp
EXPOSE 8000
# Proxy variables are ignored: the check asks this container, not the way out of it.
HEALTHCHECK --interval=30s --timeout=3s --start-period=10s --retries=3 CMD ["python", "-c", \
  "import os, urllib.request as r; r.build_opener(r.ProxyHandler({})).open(f'http://127.0.0.1:{os.environ.get(\"CDS_SERVICE_PORT\", \"8000\")}/healthz', timeout=2)"]
ENTRYPOINT ["cds-service"]
CMD ["serve", "--host", "0.0.0.0"]
