/**
 * What a run is told and where its files are: settings, servers, machine, paths. Everybody above
 * may use it; it starts nothing. Start with {@link
 * dev.handlermodels.loadtests.bench.config.Settings}.
 */
package dev.handlermodels.loadtests.bench.config;
