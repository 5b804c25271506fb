# Rekindle as an image; see docs/how-to/build-the-image.md.
# Any Debian-like image with python3, venv and pip will do as the base; give one by digest for a build that repeats.
ARG PYTHON_IMAGE=python:3.11-slim-bookworm

FROM ${PYTHON_IMAGE} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /src
RUN python3 -m venv /opt/rekindle
# The dependencies have their own layer. Wheels only: nothing is compiled, no package runs code here, each byte is known.
COPY requirements.lock ./
RUN /opt/rekindle/bin/python -m pip install --require-hashes --only-binary :all: -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY app ./app
COPY migrations ./migrations
# Neither the build tool nor an installer goes into the service's environment.
RUN /opt/rekindle/bin/python -m pip install --no-deps --no-build-isolation . \
 && /opt/rekindle/bin/python -m pip uninstall -y setuptools pip

FROM ${PYTHON_IMAGE}
LABEL org.opencontainers.image.title="Rekindle" \
      org.opencontainers.image.description="Record and outcome service for couples whose problem is sexual." \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /opt/rekindle /opt/rekindle
RUN install -d -o 10001 -g 10001 -m 0700 /data
# The key's folder is not made here: without a mount of its own `migrate` fails, rather than leaving the key in a container.
ENV PATH=/opt/rekindle/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    REKINDLE_DATABASE_URL=sqlite:////data/rekindle.db \
    REKINDLE_KEY_FILE=/keys/rekindle.key \
    REKINDLE_HOST=0.0.0.0 \
    REKINDLE_PORT=8000
WORKDIR /opt/rekindle
USER 10001:10001
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
  CMD ["python", "-c", "import os, urllib.request as web; web.build_opener(web.ProxyHandler({})).open('http://127.0.0.1:' + os.environ['REKINDLE_PORT'] + '/readyz', timeout=4)"]
# It starts only with REKINDLE_TLS_TERMINATED=true, by which the operator says that TLS ends in front of it.
ENTRYPOINT ["python", "-m", "app"]
CMD ["serve"]
