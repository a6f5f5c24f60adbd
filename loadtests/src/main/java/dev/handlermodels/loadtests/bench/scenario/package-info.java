/**
 * What all scenarios share. A scenario is a package below this one: a subclass of {@link
 * dev.handlermodels.loadtests.bench.scenario.ScenarioCommand}, a run that measures, and an analysis
 * that makes the report. Only scenarios and the command line use it. Start reading at
 * ScenarioCommand.
 */
package dev.handlermodels.loadtests.bench.scenario;
