/** Gatling simulations of the three endpoints that wait, runnable plainly or from the bench. */
package dev.handlermodels.loadtests;
