package dev.handlermodels.api.admission;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class ClientAddressTest {
  private static final String PEER = "192.0.2.1";

  @Test
  void nobody_is_believed_unless_told_so() {
    assertThat(key(0, "198.51.100.7")).isEqualTo(PEER);
  }

  @ParameterizedTest(name = "{0} trusted, {1}")
  @CsvSource({
    "1, '198.51.100.7', 198.51.100.7",
    "1, '6.6.6.6, 198.51.100.7', 198.51.100.7",
    "2, '198.51.100.7, 203.0.113.1', 198.51.100.7",
    "2, '6.6.6.6,198.51.100.7,203.0.113.1', 198.51.100.7"
  })
  void each_trusted_proxy_vouches_for_one_address_from_the_end(
      int proxies, String forwardedFor, String client) {
    assertThat(key(proxies, forwardedFor)).isEqualTo(client);
  }

  @Test
  void several_header_fields_count_as_one_list() {
    assertThat(key(1, "6.6.6.6", "198.51.100.7")).isEqualTo("198.51.100.7");
    assertThat(key(2, "198.51.100.7", "203.0.113.1")).isEqualTo("198.51.100.7");
  }

  @ParameterizedTest(name = "{0} trusted, {1}")
  @CsvSource({
    "1, ''",
    "2, '198.51.100.7'",
    "1, 'unknown'",
    "1, '198.51.100.7:http'",
    "1, '198.51.100.7:'",
    "1, '[198.51.100.7'",
    "1, '[]:80'",
    "1, '2001:db8::5]:80'",
    "1, 'localhost'",
    "1, ','",
    "1, '198.51.100.7, '"
  })
  void what_is_missing_or_no_address_counts_as_the_peer(int proxies, String forwardedFor) {
    assertThat(key(proxies, forwardedFor)).isEqualTo(PEER);
  }

  @ParameterizedTest
  @CsvSource({
    "203.0.113.5:4711, 203.0.113.5",
    "[2001:db8::5]:4711, 2001:db8::5",
    "[2001:db8::5], 2001:db8::5",
    "2001:db8::5, 2001:db8::5"
  })
  void the_port_that_some_load_balancers_add_tells_no_clients_apart(String with, String without) {
    String client = key(1, without);
    assertThat(client).isNotEqualTo(PEER);
    assertThat(key(1, "6.6.6.6:1, " + with)).isEqualTo(client);
  }

  @Test
  void no_header_field_at_all_counts_as_the_peer() {
    assertThat(key(1)).isEqualTo(PEER);
  }

  @Test
  void addresses_of_one_IPv6_network_are_one_client_however_they_are_written() {
    String key = new ClientAddress("2001:db8:0:7::1", List.of()).key(0);
    assertThat(new ClientAddress("2001:DB8:0:7:ffff::2", List.of()).key(0)).isEqualTo(key);
    assertThat(new ClientAddress("2001:db8:0:8::1", List.of()).key(0)).isNotEqualTo(key);
    assertThat(new ClientAddress("::ffff:192.0.2.1", List.of()).key(0)).isEqualTo(PEER);
  }

  private static String key(int proxies, String... forwardedFor) {
    return new ClientAddress(PEER, List.of(forwardedFor)).key(proxies);
  }
}
