/**
 * What makes a server observable: metrics, traces, logs, the census of threads and the lag of event
 * loops. It uses the contract and the settings. Start reading at {@link ThreadCensus}.
 */
package dev.handlermodels.api.telemetry;
