package dev.handlermodels.loadtests.bench.row;

/**
 * An open load in the window.
 *
 * @param arrivalsPerSecond asked for
 * @param inFlightAtStart requests sent and not ended when the window began
 * @param inFlightAtEnd the same at its end: growth is a queue without end
 * @param notSent arrivals that sent nothing, because the cap of requests in flight was reached
 * @param injectorLateMs how late the injector itself was; contained in every latency
 */
public record OpenLoadStats(
    int arrivalsPerSecond,
    long inFlightAtStart,
    long inFlightAtEnd,
    long notSent,
    Arrivals.Lateness injectorLateMs) {}
