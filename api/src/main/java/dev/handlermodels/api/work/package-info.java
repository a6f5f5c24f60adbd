/**
 * What handlers do that is the same in all three models: results, tasks, streams, work for a
 * processor, files, the docs page. Start reading at {@link Call}.
 */
package dev.handlermodels.api.work;
