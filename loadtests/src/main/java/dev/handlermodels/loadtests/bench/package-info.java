/**
 * The bench: starts upstream, server and load as three processes for each row, samples them, keeps
 * the raw files, and makes the report from those files alone.
 */
package dev.handlermodels.loadtests.bench;
