package dev.handlermodels.api.admission;

/**
 * What one client costs on the heap of one server. Each server states what was measured on it, see
 * its {@code Server}.
 *
 * @param connectionBytes an idle connection
 * @param requestBytes a request that waits, beyond its connection
 * @param callBytes one of many calls or tasks that one request begins
 * @param chatBytes a member of a chat room, beyond its connection
 */
public record MemoryCosts(int connectionBytes, int requestBytes, int callBytes, int chatBytes) {}
