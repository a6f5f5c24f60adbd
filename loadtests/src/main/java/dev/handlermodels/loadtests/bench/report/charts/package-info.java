/**
 * Charts as SVG files, a light and a dark one of each: what a document shows that cannot run a
 * script.
 */
package dev.handlermodels.loadtests.bench.report.charts;
