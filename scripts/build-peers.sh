# shellcheck shell=sh
# Sourced by ./bench, in the project's folder: builds the servers of peers/ where a jar is missing or a source is newer.
# They are no modules of the project.

for peer in spring-mvc spring-webflux; do
  jar=peers/$peer/target/$peer.jar
  if [ ! -f "$jar" ] || [ -n "$(find peers/pom.xml "peers/$peer/pom.xml" "peers/$peer/src" database/pom.xml database/src/main api/src/main -newer "$jar" -print | head -n 1)" ]; then
    echo "Building the peers ..." >&2
    JAVA_HOME=$JAVA25_HOME mvn -q -DskipTests -f peers/pom.xml package >&2 || exit 1
    break
  fi
done
