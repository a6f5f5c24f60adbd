package dev.handlermodels.api.settings;

import java.util.regex.Pattern;

/** What is shown to people must not hold what opens doors. */
public final class Secrets {
  private static final Pattern USER_INFO = Pattern.compile("//[^/@\\s]*@");

  private Secrets() {}

  /** The text, with the user name and password of each URL in it replaced by stars. */
  public static String masked(String text) {
    return USER_INFO.matcher(text).replaceAll("//***@");
  }
}
