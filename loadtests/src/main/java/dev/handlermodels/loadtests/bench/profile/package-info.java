/**
 * Where the time of a server goes: {@link dev.handlermodels.loadtests.bench.profile.ProfileProbe}
 * records it while a load runs, {@link dev.handlermodels.loadtests.bench.profile.Profile} is what
 * the recordings say.
 */
package dev.handlermodels.loadtests.bench.profile;
