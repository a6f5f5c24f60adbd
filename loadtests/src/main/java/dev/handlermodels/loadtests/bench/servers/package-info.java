/**
 * What a server is to the bench: a description in YAML of how it starts, when it is ready and what
 * waits in each of its rows. Everybody above uses it; it starts nothing. Start with {@link
 * dev.handlermodels.loadtests.bench.servers.ServerDescription}, then {@link
 * dev.handlermodels.loadtests.bench.servers.Servers}.
 */
package dev.handlermodels.loadtests.bench.servers;
