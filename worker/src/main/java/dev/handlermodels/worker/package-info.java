/**
 * A process that works off the tasks of TASK_STORE=postgres and serves no clients, so that web and
 * workers scale apart. Start reading at {@link Worker}.
 */
package dev.handlermodels.worker;
