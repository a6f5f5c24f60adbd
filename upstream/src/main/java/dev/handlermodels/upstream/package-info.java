/** The slow service that the servers call, and the one blocking client of it. */
package dev.handlermodels.upstream;
