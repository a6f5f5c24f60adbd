/**
 * The Gatling simulations that a user or the bench starts by name. Start with {@link
 * dev.handlermodels.loadtests.IoSimulation}; what all of them do stands in {@code LoadSimulation}.
 */
package dev.handlermodels.loadtests;
