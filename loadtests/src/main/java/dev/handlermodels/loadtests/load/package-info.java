/**
 * The bench's own load generators, each the main class of a process of its own, and what they share
 * with everything else: JSON and the limits of settings. Everybody may use it; it uses nothing of
 * this module. Start with {@link dev.handlermodels.loadtests.load.KeepAliveLoad}.
 */
package dev.handlermodels.loadtests.load;
