# One image for each variant; docker and podman both build it:
#
#   docker build --build-arg SERVER=nima -t handler-models:nima .
#   podman build --format docker --build-arg SERVER=nima -t handler-models:nima .   (OCI's own format has no HEALTHCHECK)
#
# SERVER is vertx, nima or blocking; or worker for tasks alone, upstream for the simulator, load for the bench inside a cluster.

# Any image with Maven and a JDK 25, and any with glibc: the last stage runs no command, so the latter needs no shell.
# Give a digest (NAME@sha256:…) where a build has to be the same again; .github/workflows/release.yml does.
ARG BUILD_IMAGE=docker.io/library/maven:3.9.11-eclipse-temurin-25
ARG RUNTIME_IMAGE=docker.io/library/debian:13-slim

FROM ${BUILD_IMAGE} AS build
ARG SERVER
ARG MAVEN_FLAGS=
WORKDIR /src
COPY . .
RUN deploy/image/build.sh

# Where the application will stand, so that the AOT cache fits: it holds the paths of the class path.
FROM ${RUNTIME_IMAGE} AS runtime
# What changes seldom comes first: the JDK, other people's jars, ours, the cache of them all.
COPY --from=build /image/java /opt/java
COPY --from=build /image/libraries /app
COPY --from=build /image/application /app
COPY --from=build /image/cache /app
# The list of all that is in it, as CycloneDX: podman cp, or docker cp, CONTAINER:/app/bom.json .
COPY --from=build /image/bom /app

# A number, because Kubernetes cannot tell that a name is not root.
USER 10001:10001
WORKDIR /app
# Probes, load balancers and Prometheus are outside of the container, so both listeners have to be reachable from there. The management
# listener has no access control: publish its port to nobody but them.
# The file behind /file comes along, since a read-only root leaves no room for a copy.
# Where /tmp can be written to (a volume, not memory), jcmd works and a full heap leaves a dump: docs/deploy.md, Diagnosis.
# The endpoints that are wrong on purpose are off: outside of a lesson they only serve whoever wants to stop the others.
# No web page may read the management listener.
ENV HOST=0.0.0.0 PORT=8080 MANAGEMENT_HOST=0.0.0.0 MANAGEMENT_PORT=9090 DATA_FILE=/app/data.json \
  ANTI_PATTERNS=false PLAY_ORIGINS=none
EXPOSE 8080 9090
STOPSIGNAL SIGTERM
# A small JVM of its own each time, for want of a shell; liveness on the main listener, so that a frozen loop counts as unhealthy.
# A worker has none, and is asked at its management listener.
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s --retries=3 \
  CMD ["/opt/java/bin/java", "@/app/healthcheck.options", "-cp", "/app/server.jar", "dev.handlermodels.api.launch.HealthCheck"]
ENTRYPOINT ["/opt/java/bin/java", "@/app/jvm.options", "-XX:AOTCache=/app/server.aot", "-jar", "/app/server.jar"]

ARG SERVER
ARG VERSION=0.1.0-SNAPSHOT
ARG REVISION=unknown
ARG CREATED=unknown
ARG SOURCE=unknown
ARG RUNTIME_IMAGE
LABEL org.opencontainers.image.title="handler-models: ${SERVER}" \
      org.opencontainers.image.description="One HTTP API on an event loop, on virtual threads and on a fixed pool: ${SERVER}" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.created="${CREATED}" \
      org.opencontainers.image.source="${SOURCE}" \
      org.opencontainers.image.base.name="${RUNTIME_IMAGE}"
