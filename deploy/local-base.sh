#!/usr/bin/env bash
# Makes the two base images of the Dockerfile from this machine, for places that reach no image registry:
#   localhost/handler-models/runtime  Debian without documentation, as debian:13-slim is
#   localhost/handler-models/build    the same with Maven and this machine's JDK 25
# Needs root, podman, debootstrap and a Debian mirror. What is there already stays.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."

# shellcheck source=scripts/find-jdk.sh
. scripts/find-jdk.sh
suite=${DEBIAN_SUITE:-trixie}
mirror=${DEBIAN_MIRROR:-http://deb.debian.org/debian}
work=$(mktemp -d)
# One file system: debootstrap mounts /proc and /sys below, which are not to be emptied if it was cut off.
trap 'rm -rf --one-file-system "$work"' EXIT

if ! podman image exists localhost/handler-models/runtime; then
  if ! command -v debootstrap >/dev/null; then
    echo "debootstrap is needed for a base image made here; or set BUILD_IMAGE and RUNTIME_IMAGE (see Dockerfile)" >&2
    exit 2
  fi
  debootstrap --variant=minbase "$suite" "$work/root" "$mirror" >&2
  rm -rf "$work"/root/usr/share/{doc,man,info,locale,lintian} "$work"/root/var/cache/apt/* "$work"/root/var/lib/apt/lists/* \
    "$work"/root/var/log/*
  tar -C "$work/root" --numeric-owner -cf "$work/root.tar" .
  podman import -q "$work/root.tar" localhost/handler-models/runtime >&2
fi

if ! podman image exists localhost/handler-models/build; then
  mkdir "$work/build"
  cp -rL "$JAVA25_HOME/." "$work/build/jdk" # some of its files may be links to other packages
  cat >"$work/build/Containerfile" <<'END'
FROM localhost/handler-models/runtime
RUN mkdir -p /usr/share/man/man1 && apt-get update -qq && apt-get install -y -qq --no-install-recommends maven >/dev/null && rm -rf /var/lib/apt/lists/*
COPY jdk /usr/lib/jvm/jdk-25
ENV JAVA_HOME=/usr/lib/jvm/jdk-25
END
  podman build -q --network host -t localhost/handler-models/build "$work/build" >&2
fi
