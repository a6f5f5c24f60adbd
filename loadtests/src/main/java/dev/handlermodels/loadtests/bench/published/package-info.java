/**
 * Committed runs: {@link PublishedRun} copies one to docs/results, {@link FigureBlocks} writes its
 * figures into README.md and docs, and {@link ResultsSite} makes web pages of all of them.
 */
package dev.handlermodels.loadtests.bench.published;
