/**
 * Brings the folder of an injector's run to where the report is made, over HTTP, so that no volume
 * has to be shared between machines. Start with {@link
 * dev.handlermodels.loadtests.bench.transfer.RunReceiver}.
 */
package dev.handlermodels.loadtests.bench.transfer;
