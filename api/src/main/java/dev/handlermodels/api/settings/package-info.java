/**
 * The settings that the environment gives a server, checked and with their defaults. It uses the
 * contract only. Start reading at {@link Settings}.
 */
package dev.handlermodels.api.settings;
