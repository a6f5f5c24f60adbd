/**
 * The command-line options and their checks. A wrong option is answered with one sentence before
 * anything starts. Commands use it. Start with {@link
 * dev.handlermodels.loadtests.bench.options.TableOptions}.
 */
package dev.handlermodels.loadtests.bench.options;
