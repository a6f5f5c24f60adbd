package dev.handlermodels.api.launch;

/**
 * What a server told its framework, read back where the framework allows it. The three servers have
 * to agree in everything but the name and the threads.
 *
 * @param name of the framework
 * @param backlog connections that the kernel holds until the server accepts them
 * @param http2 whether HTTP/2 is spoken without TLS
 * @param ioThreads threads that read and write sockets; null where each request's own thread does
 * @param handlerThreads threads that run handlers; null for one a request
 */
public record Framework(
    String name,
    int backlog,
    boolean tcpNoDelay,
    int idleTimeoutMs,
    int maxConnections,
    boolean http2,
    Integer ioThreads,
    Integer handlerThreads) {}
