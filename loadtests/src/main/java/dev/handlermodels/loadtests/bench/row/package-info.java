/**
 * Runs one row of the table and reads its raw files back. The layers above decide what the figures
 * mean. Start with {@link dev.handlermodels.loadtests.bench.row.RowRunner}.
 */
package dev.handlermodels.loadtests.bench.row;
