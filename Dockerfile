# strimzi-verify as it runs beside the cluster that it proves: nobody's user, no disk of its own.
# Both stages begin with the same image, so that the environment finds its Python where it was made.
FROM python:3.13.14-slim-bookworm@sha256:67a1e1f215ccda113cfc024e8639049257e88f273898f595b61476d128d387e8 AS build

ENV PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_NO_CACHE_DIR=1
WORKDIR /src
COPY pyproject.toml README.md LICENSE requirements.txt requirements-verify.txt ./
COPY generator generator
COPY verify verify
COPY schemas schemas
RUN python -m venv build && \
    build/bin/pip install -r requirements.txt && \
    build/bin/pip wheel --no-build-isolation --no-deps --wheel-dir /wheels .
# By its file: a name would be looked up in the index, too, where anybody may have put a newer one.
RUN python -m venv /opt/strimzi-verify && \
    /opt/strimzi-verify/bin/pip install -r requirements-verify.txt && \
    /opt/strimzi-verify/bin/pip install --no-deps /wheels/strimzi_gitops-*.whl && \
    /opt/strimzi-verify/bin/pip check && \
    /opt/strimzi-verify/bin/pip uninstall --yes pip

FROM python:3.13.14-slim-bookworm@sha256:67a1e1f215ccda113cfc024e8639049257e88f273898f595b61476d128d387e8

LABEL org.opencontainers.image.title="strimzi-verify" \
      org.opencontainers.image.description="Proves that a live Kafka cluster is what Git says, and works" \
      org.opencontainers.image.licenses="Apache-2.0"
ENV PATH=/opt/strimzi-verify/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
COPY --from=build /opt/strimzi-verify /opt/strimzi-verify
# No name, so that Kubernetes can see that it is not root.
USER 65532:65532
WORKDIR /tmp
ENTRYPOINT ["strimzi-verify"]
