package dev.handlermodels.contracttests;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * For what waits most of the time, and shares nothing but the machine. On a class with a nested one
 * for each server, the three servers are tried at the same time, and the rules of each still one
 * after another. On a method with parameters, all of them are tried at the same time.
 */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@Execution(ExecutionMode.CONCURRENT)
@interface AtOnce {}
