package dev.handlermodels.loadtests.bench.servers;

import java.util.List;

/**
 * A program that a machine may not have.
 *
 * @param candidates names or paths, the first that passes the check is taken
 * @param check arguments with which it ends with code 0 and prints its versions
 * @param found how the report names what was found, before the versions
 * @param missing the sentence where no candidate passes
 */
public record Program(List<String> candidates, List<String> check, String found, String missing) {}
