/**
 * The chat rooms behind {@code /chat/{room}}: who is in which room, in which order its messages go
 * to everybody, what a client may do and how it is told. Servers use it: each adapts the WebSocket
 * of its framework to {@link dev.handlermodels.api.chat.Wire}. Start with {@link
 * dev.handlermodels.api.chat.Room}, which gives all messages one order, and {@link
 * dev.handlermodels.api.chat.Member}, which keeps a slow reader from holding up the others.
 */
package dev.handlermodels.api.chat;
