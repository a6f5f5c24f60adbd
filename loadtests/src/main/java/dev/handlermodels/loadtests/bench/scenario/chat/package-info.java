/**
 * {@code ./bench chat}: thousands of WebSockets in chat rooms, and what a delivery and a connection
 * cost. Start with {@link dev.handlermodels.loadtests.bench.scenario.chat.ChatCommand}.
 */
package dev.handlermodels.loadtests.bench.scenario.chat;
