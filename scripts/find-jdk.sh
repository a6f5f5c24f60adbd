# shellcheck shell=sh
# Sourced by ./bench and ./serve: sets JAVA25_HOME to a JDK of version 25 or later,
# or says in one sentence what is missing and exits with code 2.

# The major version of the JDK in $1, from the file that every JDK carries; 0 where it is none.
jdk_major() {
  if [ -x "$1/bin/java" ] && [ -x "$1/bin/javac" ] && [ -r "$1/release" ]; then
    sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release"
  else
    echo 0
  fi
}

find_jdk25() {
  on_path=
  if command -v javac >/dev/null 2>&1; then
    on_path=$(dirname "$(dirname "$(readlink -f "$(command -v javac)")")")
  fi
  for jdk in "${JAVA_HOME:-}" "$on_path" /usr/lib/jvm/* "${HOME:-}"/.sdkman/candidates/java/* \
    /Library/Java/JavaVirtualMachines/*/Contents/Home "${HOME:-}"/.jdks/*; do
    major=$(jdk_major "$jdk")
    if [ "${major:-0}" -ge 25 ]; then
      # shellcheck disable=SC2034 # for the caller
      JAVA25_HOME=$jdk
      return 0
    fi
  done
  return 1
}

if ! find_jdk25; then
  echo "A JDK 25 or later is needed: none is in JAVA_HOME, on the PATH or in the usual places; install one or set JAVA_HOME." >&2
  exit 2
fi

# With LC_ALL=C a JVM cannot name files whose names are not ASCII, not even its own jar in such a folder.
case "${LC_ALL:-${LC_CTYPE:-${LANG:-}}}" in
  *[Uu][Tt][Ff]8* | *[Uu][Tt][Ff]-8*) ;;
  *) export LC_ALL=C.UTF-8 ;;
esac
