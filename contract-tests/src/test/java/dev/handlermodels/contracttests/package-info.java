/** One suite, run against all three servers: what they have in common, and where they differ. */
package dev.handlermodels.contracttests;
